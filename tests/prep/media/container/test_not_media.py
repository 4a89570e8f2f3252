"""Files that are no media, and what to do about them."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from prep.errors import UnreadableError
from prep.media.container.not_media import foreign
from tests.prep.probed import probe


def _zip() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.jpg", b"picture")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "a web page (HTML)"),
        (b"\xef\xbb\xbf\n <HTML lang=en>", "a web page (HTML)"),
        (b"<!-- moved --><html>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
        (b'<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<svg/>", "SVG"),
        (json.dumps({"error": "expired"}).encode(), "JSON"),
        (json.dumps([1.5, {"a": 1}], indent=1).encode(), None),
        (b"[]", "JSON"),
        (gzip.compress(b"video", mtime=0), "packed with gzip"),
        (_zip(), "a ZIP archive"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"hello", None),
        (b"", None),
        (b"<htmlx>", None),
        (bytes(100), None),
    ],
    ids=range(17),
)
def test_what_it_is(data: bytes, what: str | None) -> None:
    found = foreign(data)
    assert (found or "").partition(";")[0] == (what or "")


def test_the_message_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"<!doctype html><p>Please sign in")
    with pytest.raises(UnreadableError, match=r"clip\.mp4: not an image, video or sound but a web page.*use the link"):
        probe(path)


@pytest.mark.timeout(10)
def test_comments_without_end() -> None:
    assert foreign(b"<!--" * 250) is None
    assert foreign(b"<!-- -->" * 120 + b"<html>") == foreign(b"<html>")
