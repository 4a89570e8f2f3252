"""fixtures/README.md lists every fixture. GOLDEN=write updates it."""

import os
from pathlib import Path

import fixtures.make

PAGE = Path(fixtures.make.__file__).with_name("README.md")


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    expected = text[: text.index("| name |")] + fixtures.make.table() + "\n"
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(expected, "utf-8")
    assert PAGE.read_text("utf-8") == expected, "GOLDEN=write python -m pytest tests/docs updates it"
