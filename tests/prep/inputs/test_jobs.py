"""A job file: references, prompt and options as one document."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from prep.errors import ExitCode, UsageError
from prep.inputs.jobs import Job, read_job
from prep.inputs.parse import parse_reference
from prep.model.generation import Generation
from prep.model.plan import Options

YAML = """
endpoint: bytedance/seedance-2.5/reference-to-video
references:
  - hero=photo.heic#xywh=percent:0,0,50,100
  - dance.mov#t=12.5,17.5
prompt: "@hero dances"
options: {fit: crop, short: loop, mute: true}
generation:
  resolution: 480p
  duration: "5"
  generate_audio: false
  seed: 7
max_cost: 1.50
"""


def _written(folder: Path, text: str | bytes, name: str = "job.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def _expected(folder: Path) -> Job:
    return Job(
        endpoint="bytedance/seedance-2.5/reference-to-video",
        references=(f"hero={folder}/photo.heic#xywh=percent:0,0,50,100", f"{folder}/dance.mov#t=12.5,17.5"),
        prompt="@hero dances",
        options=Options(fit="crop", short="loop", mute=True),
        generation=Generation(resolution="480p", duration="5", generate_audio=False, seed=7),
        max_cost=Decimal("1.5"),
    )


def test_yaml(tmp_path: Path) -> None:
    assert read_job(_written(tmp_path, YAML)) == _expected(tmp_path)


def test_json(tmp_path: Path) -> None:
    job = _expected(Path("x")).model_dump(mode="json") | {
        "references": ["hero=photo.heic#xywh=percent:0,0,50,100", "dance.mov#t=12.5,17.5"]
    }
    assert read_job(_written(tmp_path, json.dumps(job), "job.json")) == _expected(tmp_path)


def test_what_is_not_said_is_left_to_the_defaults(tmp_path: Path) -> None:
    job = read_job(_written(tmp_path, "prompt: hello\n"))
    assert job == Job(prompt="hello")
    assert (job.endpoint, job.references, job.max_cost, job.options) == (None, (), None, Options())


@pytest.mark.parametrize(
    ("files", "text", "location"),
    [
        ([], "a.mp4", "a.mp4"),
        ([], "sub/a.mp4#t=1,2", "sub/a.mp4"),
        ([], "../a.mp4", "../a.mp4"),
        (["a=b.mp4"], "a=b.mp4", "a=b.mp4"),
        (["a#1.mp4"], "a#1.mp4#t=1,2", "a#1.mp4"),
        (["a#1.mp4"], "n=a#1.mp4#t=1,2", "a#1.mp4"),
        (["walk"], "walk=walk", "walk"),
        (["a"], "walk=a", "a"),
        (["t"], "t=t#t=1,2", "t"),
        (["50%41.mp4"], "50%41.mp4", "50%41.mp4"),
    ],
)
def test_paths_are_relative_to_the_job(tmp_path: Path, files: list[str], text: str, location: str) -> None:
    """The same reference as the job's, whatever its characters, but found from anywhere."""
    for name in files:
        (tmp_path / name).touch()
    (beside,) = read_job(_written(tmp_path, json.dumps({"references": [text]}))).references
    inside = parse_reference(text, lambda path: (tmp_path / path).exists())
    outside = parse_reference(beside, lambda path: Path(path).exists())
    assert inside.location == location
    assert Path(outside.location) == tmp_path / location
    assert outside == inside.model_copy(update={"location": outside.location})


def test_a_folder_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "my=jobs #1 & more"
    folder.mkdir()
    (folder / "a.mp4").touch()
    (beside,) = read_job(_written(folder, "references: ['walk=a.mp4#t=1,2']")).references
    reference = parse_reference(beside, lambda path: Path(path).exists())
    assert (reference.name, reference.location) == ("walk", str(folder / "a.mp4"))


@pytest.mark.parametrize(
    "text", ["/abs/a.mp4", "n=/abs/a.mp4#t=1,2", "https://e.org/a.mp4?x=1", "n=http://e.org/a.mp4#t=1,2"]
)
def test_absolute_paths_and_urls_stay_as_they_are(tmp_path: Path, text: str) -> None:
    assert read_job(_written(tmp_path, json.dumps({"references": [text]}))).references == (text,)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("refrences: []", ["refrences"], id="typo"),
        pytest.param("options: {fitt: pad}", ["options.fitt"], id="nested-typo"),
        pytest.param("options: {fit: stretch}", ["options.fit", "'pad' or 'crop'"], id="value"),
        pytest.param("references: a.mp4", ["references"], id="text-for-a-list"),
        pytest.param("references: [a.mp4, 5]", ["references.1"], id="number-for-a-reference"),
        pytest.param("generation: {seed: x}", ["generation.seed"], id="seed"),
        pytest.param("max_cost: much", ["max_cost"], id="max-cost"),
        pytest.param("max_cost: -1", ["max_cost"], id="max-cost-below-zero"),
        pytest.param("promt: x\nseed: 5\nprompt: 5", ["promt", "seed", "prompt"], id="several"),
        pytest.param("5: x", ["5"], id="not-even-a-word"),
    ],
)
def test_each_wrong_key_is_named(tmp_path: Path, text: str, named: list[str]) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_job(path)
    lines = str(caught.value).splitlines()
    assert all(re.match(rf"{re.escape(str(path))}(:\d+)?: ", line) for line in lines)
    assert all(any(key in line for line in lines) for key in named), lines
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    "text",
    ["", "[]", "hello", "- a.mp4", "a: [", "\t: x", b"\xff\xfe\x00", b"prompt: \x00", "!!python/object:os.system {}"],
)
def test_what_is_no_job(tmp_path: Path, text: str | bytes) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_job(path)
    assert re.match(rf"{re.escape(str(path))}(:\d+)?: ", str(caught.value))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir], ids=["missing", "a-folder"])
def test_a_file_that_can_not_be_read(tmp_path: Path, make: object) -> None:
    path = tmp_path / "job.yaml"
    make(path)  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"job\.yaml: "):
        read_job(path)


def test_a_bad_reference_in_a_job_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.mp4#t=5,1: bad fragment"):
        read_job(_written(tmp_path, "references: ['a.mp4#t=5,1']"))


def test_a_file_of_many_is_not_one(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"references": ["a.png"]}\n{"references": ["b.png"]}\n', "jobs.jsonl")
    with pytest.raises(UsageError, match=r"jobs\.jsonl: a file of many jobs, which only check takes"):
        read_job(path)
