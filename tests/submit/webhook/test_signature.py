"""Verification of webhooks, signed here with real keys by the platform's documented protocol."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from prep.errors import UsageError
from submit.webhook import Notice, Recent, Replayed, Unverified, averify, verify
from tests.submit.webhook.signing import ID, KEY, NOW, OTHER, SIGNATURE, TIME, USER, jwk
from tests.submit.webhook.signing import signed as signed_body

BODY = json.dumps(
    {"request_id": "abc", "gateway_request_id": "abc", "status": "OK", "payload": {"video": {"url": "https://x/v"}}}
).encode()


def signed(body: bytes = BODY, **how: Any) -> dict[str, str]:
    return signed_body(body, **how)


def believed(headers: dict[str, str], body: bytes = BODY, keys: Any = None, now: float = NOW) -> Notice:
    return verify(headers, body, keys=keys or {"keys": [jwk(KEY)]}, seen=set(), now=now)


def refused(headers: dict[str, str], body: bytes = BODY, keys: Any = None, now: float = NOW) -> str:
    with pytest.raises(Unverified) as caught:
        believed(headers, body, keys, now)
    return caught.value.check


def test_a_genuine_one_says_what_happened() -> None:
    notice = believed(signed())
    assert (notice.request_id, notice.status, notice.error) == ("abc", "OK", None)
    assert notice.payload["video"]["url"] == "https://x/v"


def test_an_error_is_genuine_too() -> None:
    body = b'{"request_id": "abc", "status": "ERROR", "error": "Invalid status code: 422", "payload": {"detail": []}}'
    notice = believed(signed(body), body)
    assert (notice.status, notice.error) == ("ERROR", "Invalid status code: 422")


def test_the_async_twin() -> None:
    notice = asyncio.run(averify(signed(), BODY, keys={"keys": [jwk(KEY)]}, seen=set(), now=NOW))
    assert notice.request_id == "abc"


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_headers_have_no_case(change: Callable[[str], str]) -> None:
    assert believed({change(name): value for name, value in signed().items()})


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (300, True), (-300, True), (300.001, False), (301, False), (-301, False)]
)
def test_five_minutes_either_way(seconds: float, good: bool) -> None:
    if good:
        assert believed(signed(), now=NOW + seconds)
    else:
        assert refused(signed(), now=NOW + seconds) == "timestamp"


@pytest.mark.parametrize("header", [ID, USER, TIME, SIGNATURE])
@pytest.mark.parametrize("value", [None, "", "a\nb", "a\x00", "x" * 257])
def test_a_header_that_is_missing_or_malformed(header: str, value: str | None) -> None:
    headers = signed()
    del headers[header]
    if value is not None:
        headers[header] = value
    assert refused(headers) == "headers"


@pytest.mark.parametrize(
    ("header", "value", "check"),
    [
        (ID, "abd", "signature"),
        (USER, "user-2", "signature"),
        (TIME, str(NOW + 1), "signature"),
        (TIME, str(NOW - 301), "timestamp"),
        (TIME, f"{NOW}.0", "timestamp"),
        (TIME, f"+{NOW}", "timestamp"),
        (TIME, f" {NOW}", "timestamp"),
        (TIME, "1e9", "timestamp"),
        (TIME, "nan", "timestamp"),
        (TIME, "١٧٦٠٠٠٠٠٠٠", "timestamp"),
        (SIGNATURE, "0" * 128, "signature"),
        (SIGNATURE, "0" * 126, "signature"),
        (SIGNATURE, "zz" * 64, "signature"),
        (SIGNATURE, " " + "0" * 127, "signature"),
        (SIGNATURE, "٠" * 128, "signature"),
    ],
)
def test_a_header_that_was_changed(header: str, value: str, check: str) -> None:
    assert refused({**signed(), header: value}) == check


def test_every_bit_of_the_signature_counts() -> None:
    headers = signed()
    for place in range(0, 128, 9):
        changed = headers[SIGNATURE][:place] + f"{int(headers[SIGNATURE][place], 16) ^ 1:x}"
        changed += headers[SIGNATURE][place + 1 :]
        assert refused({**headers, SIGNATURE: changed}) == "signature"


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b" ", BODY.replace(b"OK", b"ERROR"), b" " + BODY])
def test_a_body_that_was_changed(body: bytes) -> None:
    assert refused(signed(), body) == "signature"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"OK"', b"{}", b'{"request_id": "a", "status": "MAYBE"}', b"[" * 100_000, b"\xff"],
    ids=lambda body: body[:8],
)
def test_a_body_that_is_not_as_documented(body: bytes) -> None:
    assert refused(signed(body), body) == "body"


@pytest.mark.parametrize("extra", [b"9" * 5000, b"[" * 100_000 + b"]" * 100_000], ids=["long", "deep"])
def test_a_video_is_told_with_anything_beside_it(extra: bytes) -> None:
    body = BODY.replace(b'{"video"', b'{"x": ' + extra + b', "video"')
    assert believed(signed(body), body).payload["video"] == {"url": "https://x/v"}


def test_a_header_that_is_there_twice() -> None:
    assert refused({**signed(), ID.lower(): "abd"}) == "headers"


def test_one_line_can_not_stand_for_two() -> None:
    """The same signed bytes, cut elsewhere."""
    headers = signed()
    joined = {**headers, ID: f"{headers[ID]}\n{headers[USER]}", USER: headers[TIME]}
    assert refused(joined) == "headers"


@pytest.mark.parametrize(
    "keys",
    [
        [jwk(OTHER), jwk(KEY)],
        [{"kty": "RSA", "n": "x", "e": "AQAB"}, jwk(KEY)],
        ["nonsense", None, {}, jwk(OTHER, x=5), jwk(KEY, x="short"), jwk(KEY, x="*" * 43), jwk(KEY)],
        [jwk(KEY, x=jwk(KEY)["x"] + "=")],
    ],
    ids=["two", "another-kind", "malformed", "padded"],
)
def test_any_good_key_of_the_set_will_do(keys: list[Any]) -> None:
    assert believed(signed(), keys={"keys": keys})


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": []},
        {"keys": [jwk(OTHER)]},
        {"keys": [jwk(KEY, kty="EC")]},
        {"keys": [jwk(KEY, crv="X25519")]},
        {"keys": [jwk(KEY, x=jwk(KEY)["x"][:-1])]},
        {"keys": {}},
        {"key": 1},
    ],
    ids=["none", "another", "kty", "curve", "short", "no-list", "no-keys"],
)
def test_no_key_that_fits(keys: dict[str, Any]) -> None:
    assert refused(signed(), keys=keys) == "signature"


def test_the_same_again_is_told_apart() -> None:
    seen: set[str] = set()
    keys = {"keys": [jwk(KEY)]}
    verify(signed(), BODY, keys=keys, seen=seen, now=NOW)
    for timestamp in (NOW, NOW + 60):
        with pytest.raises(Replayed) as caught:
            verify(signed(timestamp=timestamp), BODY, keys=keys, seen=seen, now=NOW)
        assert (caught.value.check, caught.value.request_id) == ("replay", "abc")
    seen.discard("abc")
    assert verify(signed(), BODY, keys=keys, seen=seen, now=NOW)


def test_it_is_remembered_by_the_id_that_the_notice_tells() -> None:
    """The header may carry the id of the last attempt; the body has the one that the queue knows."""
    seen: set[str] = set()
    body = b'{"request_id": "first", "gateway_request_id": "abc", "status": "OK"}'
    notice = verify(signed(body), body, keys={"keys": [jwk(KEY)]}, seen=seen, now=NOW)
    assert (notice.request_id, seen) == ("first", {"first"})


def test_a_forgery_does_not_use_up_the_id() -> None:
    seen: set[str] = set()
    with pytest.raises(Unverified):
        verify(signed(key=OTHER), BODY, keys={"keys": [jwk(KEY)]}, seen=seen, now=NOW)
    assert verify(signed(), BODY, keys={"keys": [jwk(KEY)]}, seen=seen, now=NOW)


def test_what_is_remembered_by_itself() -> None:
    recent = Recent()
    recent.add("a")
    recent.add("b")
    assert ("a" in recent, "c" in recent, len(recent), sorted(recent)) == (True, False, 2, ["a", "b"])
    recent.discard("a")
    recent.discard("never there")
    assert "a" not in recent


def test_messages_hold_nothing_that_came() -> None:
    headers = {**signed(), ID: "secret-id", USER: "secret-user"}
    with pytest.raises(Unverified) as caught:
        believed(headers)
    assert "secret" not in str(caught.value)
    assert headers[SIGNATURE] not in str(caught.value)


def test_text_is_not_the_body_that_was_signed() -> None:
    with pytest.raises(UsageError, match="bytes"):
        verify(signed(), BODY.decode(), keys={"keys": [jwk(KEY)]})  # type: ignore[arg-type]


def test_the_missing_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from submit.webhook import verify\n"
        "try:\n"
        f"    verify({signed()!r}, {BODY!r}, keys={{'keys': []}}, now={NOW})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert "pip install 'prep-and-submit[webhook]'" in done.stdout
    assert done.stdout.startswith("UsageError")
