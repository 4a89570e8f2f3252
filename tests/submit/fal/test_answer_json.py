"""JSON that is odd somewhere, read all the same; judged by the standard library where it reads it."""

import json
import time

import pytest

from submit.answer_json import DEEPEST, read_answer

STRINGS = {"a": '[[{"\\', "b]": '}]"', "c": ["\ud800", "ä"], "d": {}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_json_in_any_encoding(encoding: str) -> None:
    assert read_answer(json.dumps(STRINGS).encode(encoding)) == STRINGS


def test_brackets_in_strings_are_none() -> None:
    text = json.dumps(STRINGS)[:-1] + ', "deep": ' + "[" * 50_000 + '"]["' + "]" * 50_000 + ', "last": [1, {"x": 2}]}'
    answer = read_answer(text.encode())
    assert answer == STRINGS | {"deep": answer["deep"], "last": [1, {"x": 2}]}


def test_what_is_deeper_is_none() -> None:
    value, depth = read_answer(b"[" * 50_000 + b"]" * 50_000), 0
    while value is not None:
        (value,), depth = value, depth + 1
    assert depth == DEEPEST


def test_integers_of_any_length() -> None:
    assert read_answer(b"[1, -2, %s, -%s]" % (b"9" * 4301, b"9" * 4301)) == [1, -2, None, None]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b"[" * 100_000, b"]" * 9, b"[" * 100_000 + b"]" * 99_999, b"[" * 9_999 + b"]" * 10_000]
)
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1|decode|encoding|control"):
        read_answer(data)


@pytest.mark.parametrize("tail", [rb'"' + rb"\"" * 200_000, b'"' * 400_001, b"[" * 400_000])
def test_no_answer_takes_long(tail: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=r"line 1|decode|encoding|control"):
        read_answer(b"[" * 2_000 + tail)
    assert time.process_time() - start < 2
