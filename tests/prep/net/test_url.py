"""Decisions by the text of a URL alone, and the little of it that is shown."""

import pytest

from prep.errors import UsageError
from prep.model.redact import shown
from prep.net.url import LONGEST_URL, read_link

BAD = (
    ("http://example.com/a.mp4", "use https://"),
    ("ftp://example.com/a.mp4", "only https:// is read"),
    ("file:///etc/passwd", "only https:// is read"),
    ("https:///a.mp4", "without a host"),
    ("https://user:secret@example.com/a.mp4", "user names and passwords"),
    ("https://secret@example.com/a.mp4", "user names and passwords"),
    ("https://exa mple.com/a.mp4", "not a URL"),
    ("https://example.com:99999/a.mp4", "not a URL"),
    ("https://example.com/a\r\nHost: b", "not a URL"),
    ("https://[::1/a", "not a URL"),
)


@pytest.mark.parametrize(("text", "why"), BAD)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        read_link(text, allow_private=False)
    assert "secret" not in str(refused.value)


def test_a_url_may_be_long_but_not_endless() -> None:
    start = "https://example.com/a?"
    assert read_link(start + "x" * (LONGEST_URL - len(start)), allow_private=False)
    with pytest.raises(UsageError, match="at most"):
        read_link(start + "x" * (LONGEST_URL - len(start) + 1), allow_private=False)


def test_http_on_an_intranet() -> None:
    assert read_link("http://intranet/a.mp4", allow_private=True).scheme == "http"


def test_what_a_browser_shows_is_encoded() -> None:
    assert str(read_link("https://bücher.example/ä b.mp4?x=1%2F2", allow_private=False)) == (
        "https://xn--bcher-kva.example/%C3%A4%20b.mp4?x=1%2F2"
    )


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("https://h/a.mp4?sig=1#t=1,2", "https://h/a.mp4?…#t=1,2"),
        ("walk=https://h/a.mp4?sig=1", "walk=https://h/a.mp4?…"),
        ("https://me:word@h/a.mp4?x", "https://…@h/a.mp4?…"),
        ("https://h?sig=1", "https://h?…"),
        ("HTTPS://h/a?sig=https://other?b=1", "HTTPS://h/a?…"),
        ("a https://h/a?b=1 and https://h/c?d=1", "a https://h/a?… and https://h/c?…"),
        ("what?.mp4", "what?.mp4"),
    ],
)
def test_secrets_are_not_shown(text: str, redacted: str) -> None:
    assert shown(text) == redacted


KEY = "5ecret/+=%2F0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"Max retries exceeded with url: /key.png?X-Amz-Algorithm=A&X-Amz-Signature={KEY} (Caused by",
        f"GET /key.png?X-Amz-Credential={KEY}&X-Amz-Security-Token={KEY} HTTP/1.1",
        rf"https:\/\/b.example\/key.png?X-Goog-Signature={KEY}",
        f"https%3A%2F%2Fb.example%2Fkey.png%3Fsv%3D1%26sig%3D{KEY}",
        f"https%3A%2F%2Fb.example%2Fkey.png%3Fsig%3D{KEY}%26se%3D1",
        f"a.blob.core.windows.net/key.png?sv=1&sig={KEY}",
        f"https://b.example/key.png? X-Amz-Signature={KEY}",
        f"key.png?AWSAccessKeyId=A&Signature={KEY}",
        f"https://b.example/key.png#token={KEY}",
    ],
)
def test_signatures_are_not_shown_however_the_url_is_written(text: str) -> None:
    assert "5ecret" not in shown(text) and "key.png" in shown(text)


@pytest.mark.parametrize("text", ["sig=1.png", "max_tokens=1000000000000000000", "design=00000000000000000000", "a=b"])
def test_other_words_are_shown(text: str) -> None:
    assert shown(text) == text
