"""docs/json.schema.json agrees with the models and knows every command. GOLDEN=write updates it.

Each --json document that the golden cases print is validated against it (tests/cli/test_golden.py).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from prep.render.document import document, report_data
from submit.command import COMMANDS, group
from tests.docs.contract import contract
from tests.docs.kept_schema import check_kept
from tests.made import image, report_of, video

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "json.schema.json"
CLOSED = Draft202012Validator(contract(closed=True))


def test_the_schema_is_up_to_date_and_is_one() -> None:
    check_kept(KEPT, contract())


def _with_json() -> set[str]:
    import click

    commands = {name: group.get_command(click.Context(group), name) for name in COMMANDS}
    return {name for name, command in commands.items() if command and any(p.name == "as_json" for p in command.params)}


def test_it_knows_every_command_that_has_json() -> None:
    known = {one["properties"]["command"].get("const") for one in contract()["oneOf"]} - {None}
    assert known == _with_json()


def _names(schema: Any) -> Iterator[str]:
    """Every key of a document, and every word that is the value of one."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from (word for word in [schema.get("const"), *schema.get("enum", ())] if isinstance(word, str))
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _names(part)


def test_the_contract_page_explains_what_is_in_it() -> None:
    """*asked* is a reason of a step beside rules."""
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    assert "(json.schema.json)" in page
    assert set(re.findall(r"`([a-z_]+)`", page)) - {"asked"} <= set(_names(contract()))


def test_it_can_say_no() -> None:
    report = report_of(image(4000, 1000), video())
    report_document = json.loads(document("check", report.ok, report.findings, report_data(report)))
    CLOSED.validate(report_document)
    for invalid in (
        report_document | {"schema": "prep-and-submit/2"},
        report_document | {"ok": "yes"},
        report_document | {"more": 1},
        report_document | {"command": "explain"},
        report_document | {"findings": [report_document["findings"][0] | {"severity": "fatal"}]},
        report_document | {"data": {**report_document["data"], "references": [{"path": "a.png"}]}},
    ):
        with pytest.raises(ValidationError):
            CLOSED.validate(invalid)
    Draft202012Validator(contract()).validate(report_document | {"more": 1})  # readers ignore what they don't know
