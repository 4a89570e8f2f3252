"""Job records for the tests of the journal."""

from pathlib import Path
from typing import Any

from submit.journal import JobRecord, Video
from submit.request.build import Request

MANIFEST = {
    "entries": [
        {
            "tag": "@Image1",
            "kind": "image",
            "source": {"path": "photo.jpg"},
            "output": {"path": "image1-photo.jpg", "sha256": "ab" * 32, "bytes": 5, "media_type": "image/jpeg"},
        }
    ]
}


def record(**changes: Any) -> JobRecord:
    request = Request(
        prompt="@Image1",
        image_urls=("sha256:ab",),
        resolution="720p",
        duration="4",
        aspect_ratio="auto",
        generate_audio=True,
    )
    fields = {
        "id": "",
        "key": "key",
        "account": "account",
        "endpoint": "owner/app",
        "state": "prepared",
        "folder": Path("/somewhere"),
        "manifest": MANIFEST,
        "request": request,
        "result": {"video": {"url": "https://files.example/result.mp4"}},
        "video": Video(path="result.mp4", sha256="cd" * 32, bytes=5),
    }
    return JobRecord(**{**fields, **changes})
