"""A job to send: one set of small compliant references, one folder, one platform in memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import ExitCode
from prep.model.progress import Progress
from submit import run, submit
from submit.errors import SubmitUncertain
from submit.platform import State
from tests.submit.cloud import Cloud

Media = Callable[[str], Path]
PROMPT = "@hero walks like @Video1 to @Audio1"
FILES = ["image1-at_limit_300.png", "video1-silent_720p.mp4", "audio1-voice.mp3"]


class Job:
    """One set of small compliant references, one folder, one platform."""

    def __init__(self, media: Media, out: Path) -> None:
        self.references: list[Any] = [
            f"hero={media('at_limit_300.png')}",
            str(media("silent_720p.mp4")),
            str(media("voice.mp3")),
        ]
        self.out = out
        self.cloud = Cloud()
        self.events: list[Progress] = []

    def run(self, prompt: str = PROMPT, **options: Any) -> Any:
        options = {"out": self.out, "platform": self.cloud, "progress": self.events.append, **options}
        return run(self.references, prompt, **options)

    @property
    def receipt(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.out / "receipt.json").read_text("utf-8"))
        return told

    def fetched_again(self) -> None:
        """The same run, and the same submission, fetch the video of the job that is there: without another post."""
        self.cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}}
        self.cloud.states = [State(status="completed")]
        self.cloud.uploads.clear()
        found = [self.run().result, submit(self.out, PROMPT, platform=self.cloud).result()]
        assert [Path(result.path).read_bytes() for result in found] == [b"the video"] * 2
        assert (self.cloud.uploads, len(self.cloud.posts)) == ([], 1)

    def doubted_again(self) -> None:
        """The same run, and the same submission, send nothing, since nobody knows."""
        for again in (self.run, lambda: submit(self.out, PROMPT, platform=self.cloud)):
            with pytest.raises(SubmitUncertain, match="resubmit") as caught:
                again()
            assert caught.value.exit_code == ExitCode.REMOTE == 4
        assert len(self.cloud.posts) == 1
