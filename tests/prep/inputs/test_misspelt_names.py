"""Names for the prompt that are written in another way than NAME=."""

import re

import pytest

from prep.errors import UsageError
from prep.inputs.parse import parse_reference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@hero=a.mp4", "@hero=a.mp4: write hero=a.mp4, without @; the prompt has the @"),
        ("@hero=missing.mp4", "@hero=missing.mp4: write hero=missing.mp4, without @; the prompt has the @"),
        ("@hero=a.mp4#t=1,2", "@hero=a.mp4#t=1,2: write hero=a.mp4#t=1,2, without @; the prompt has the @"),
        ("hero guy=a.mp4", "'hero guy' is not a name: only letters, digits, _ and -, beginning with a letter or _"),
        ("hero guy=https://e.org/a.mp4", "'hero guy' is not a name"),
        ("2nd=a.mp4#t=1", "'2nd' is not a name"),
        ("hero:a.mp4", "hero:a.mp4: write hero=a.mp4"),
        ("@hero:a.mp4#t=1", "@hero:a.mp4#t=1: write hero=a.mp4#t=1"),
    ],
)
def test_a_name_that_is_written_in_another_way(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"{re.escape(message)}"):
        parse_reference(text, "a.mp4".__eq__)


@pytest.mark.parametrize("text", ["@hero.mp4", "hero guy=b.mp4", "hero:b.mp4", "@a b=b.mp4"])
def test_a_path_that_only_looks_like_a_name_is_a_path(text: str) -> None:
    assert parse_reference(text, "a.mp4".__eq__).location == text
