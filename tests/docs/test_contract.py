"""docs/json.schema.json is what the models say, and knows every command. GOLDEN=write makes it anew.

Each --json document that the golden cases print is validated against it (tests/cli/test_golden.py).
"""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from prep.render.document import document, report_data
from submit.command import COMMANDS, group
from tests.docs.contract import contract
from tests.made import image, report_of, video

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "json.schema.json"
CLOSED = Draft202012Validator(contract(closed=True))


def test_the_schema_is_up_to_date_and_is_one() -> None:
    text = json.dumps(contract(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("GOLDEN") == "write":
        KEPT.write_text(text, "utf-8")
    assert KEPT.read_text("utf-8") == text, "GOLDEN=write python -m pytest tests/docs makes it anew"
    Draft202012Validator.check_schema(json.loads(text))


def _with_json() -> set[str]:
    import click

    commands = {name: group.get_command(click.Context(group), name) for name in COMMANDS}
    return {name for name, command in commands.items() if command and any(p.name == "as_json" for p in command.params)}


def test_it_knows_every_command_that_has_json() -> None:
    known = {one["properties"]["command"].get("const") for one in contract()["oneOf"]} - {None}
    assert known == _with_json()


def test_the_contract_page_refers_to_it() -> None:
    assert "(json.schema.json)" in (ROOT / "docs" / "json.md").read_text("utf-8")


def test_it_can_say_no() -> None:
    report = report_of(image(4000, 1000), video())
    told = json.loads(document("check", report.ok, report.findings, report_data(report)))
    CLOSED.validate(told)
    for wrong in (
        told | {"schema": "prep-and-submit/2"},
        told | {"ok": "yes"},
        told | {"more": 1},
        told | {"command": "explain"},
        told | {"findings": [told["findings"][0] | {"severity": "fatal"}]},
        told | {"data": {**told["data"], "references": [{"path": "a.png"}]}},
    ):
        with pytest.raises(ValidationError):
            CLOSED.validate(wrong)
    Draft202012Validator(contract()).validate(told | {"more": 1})  # readers ignore what they don't know
