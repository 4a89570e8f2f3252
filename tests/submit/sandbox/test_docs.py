"""docs/sandbox.md says what is there."""

import re
from pathlib import Path

from submit.sandbox.faults.plan import FAULTS, parse_faults

DOCUMENT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_the_list_has_every_fault() -> None:
    items = []
    for fault in FAULTS.values():
        after = f"{fault.seconds:g} s" if fault.seconds else "at once"
        length = "" if fault.seconds is None else f" ({after} by default)"
        items.append(f"- `{fault.name}` ({fault.place}): {fault.does}{length}")
    assert "\n".join(["", *items, ""]) in DOCUMENT


def test_every_list_in_it_is_understood() -> None:
    lists = re.findall(r"--faults ([a-z0-9][^\s`]*)|faults=\"([^\"]+)\"", DOCUMENT)
    assert len(lists) == 3
    for written in lists:
        assert parse_faults(written[0] or written[1]).planned
