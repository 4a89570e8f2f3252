"""docs/rules.md agrees with the catalogue. GOLDEN=write updates it."""

import os
from pathlib import Path

from prep.render.rules import rules_page
from prep.rules.catalogue import RULES

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    page = rules_page(RULES.values())
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "GOLDEN=write python -m pytest tests/docs makes it anew"
