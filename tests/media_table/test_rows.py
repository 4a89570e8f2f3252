"""Every row of docs/media.md, made for real."""

import pytest

from tests.media_table.page import KINDS, PAGE, page
from tests.media_table.row import Row
from tests.media_table.seen import seen
from tests.prep.media import reading
from tests.types import Made, Media

ROWS = [row for rows in KINDS.values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fixture} {row.options or ''}".strip())
def test_a_row(made: Made, media: Media, row: Row) -> None:
    path, entry = made(row.fixture, **row.options)
    assert seen(path) == row.comes_out
    assert tuple(step.kind for step in entry.steps) == row.steps
    same = reading.sha256(path) == reading.sha256(media(row.fixture.partition("#")[0]))
    assert same == (not row.steps)


def test_the_page_is_what_the_rows_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.media_table"


def test_no_row_stands_twice() -> None:
    inputs = [(row.what, row.asked) for row in ROWS]
    assert len(inputs) == len(set(inputs))
