"""docs/job.schema.json agrees with the reader of job files, and the documented examples with both.

GOLDEN=write updates it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from prep.errors import UsageError
from prep.inputs.jobs import job_of, read_job
from submit.batches.reading import read_rows
from submit.batches.row import Row
from tests.docs.job_schema import job_schema
from tests.docs.kept_schema import check_kept

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "job.schema.json"
VALIDATOR = Draft202012Validator(job_schema())
PAGES = ("docs/inputs.md", "docs/configuration.md")
BLOCK = re.compile(r"```(?:yaml|json)\n(.*?)```", re.DOTALL)


def _examples() -> list[Any]:
    """Every documented YAML or JSON document that is a job: it has a prompt."""
    examples = []
    for page in PAGES:
        for number, text in enumerate(BLOCK.findall((ROOT / page).read_text("utf-8"))):
            job = yaml.safe_load(text)
            if isinstance(job, dict) and "prompt" in job:
                examples.append(pytest.param(job, id=f"{page}-{number}"))
    return examples


def test_the_schema_is_up_to_date_and_is_one() -> None:
    check_kept(KEPT, job_schema())


def test_every_page_with_jobs_has_an_example() -> None:
    assert {example.id.rpartition("-")[0] for example in _examples()} == set(PAGES)


@pytest.mark.parametrize("job", _examples())
def test_documented_jobs(job: dict[str, Any]) -> None:
    VALIDATOR.validate(job)


TAKEN = [
    {},
    {"$schema": "https://example.org/job.schema.json", "prompt": "p"},
    {"references": ["a.png", "walk=b.mp4#t=1,3"], "max_cost": "1.50"},
    {"references": [], "max_cost": 3, "prompt": None, "endpoint": None},
    {"generation": {"duration": 8, "seed": None, "generate_audio": False, "bitrate_mode": "high", "style": "filmed"}},
    {"options": {"fit": "crop", "seconds": 6, "loudness": -16.5, "background": "white", "mute": True}},
]
REFUSED = [
    [],
    {"referenzes": []},
    {"references": "a.png"},
    {"references": [1]},
    {"options": {"fit": "stretch"}},
    {"options": {"seconds": 0}},
    {"options": {"loudness": -51}},
    {"options": {"fitt": "crop"}},
    {"generation": {"seed": "now"}},
    {"generation": []},
    {"max_cost": [3]},
]


@pytest.mark.parametrize("fields", TAKEN, ids=json.dumps)
def test_the_reader_and_the_schema_take_the_same(fields: dict[str, Any]) -> None:
    VALIDATOR.validate(fields)
    job_of(fields, lambda key: "job.yaml", Path())


@pytest.mark.parametrize("fields", REFUSED, ids=json.dumps)
def test_the_reader_and_the_schema_refuse_the_same(fields: Any) -> None:
    assert not VALIDATOR.is_valid(fields)
    with pytest.raises(UsageError):
        job_of(fields, lambda key: "job.yaml", Path())


def test_a_schema_key_changes_nothing(tmp_path: Path) -> None:
    plain, marked = (
        '{"prompt": "p", "references": ["a.png"]}',
        '{"$schema": "s", "prompt": "p", "references": ["a.png"]}',
    )
    ids = []
    for text in (plain, marked):
        (tmp_path / "job.json").write_text(text, "utf-8")
        (tmp_path / "jobs.jsonl").write_text(text, "utf-8")
        (row,) = read_rows(tmp_path / "jobs.jsonl")
        assert isinstance(row, Row)
        ids.append((read_job(tmp_path / "job.json"), row.id))
    assert ids[0] == ids[1]
