"""File names that are not UTF-8, as old archives and cameras leave them: Latin-1 bytes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Options, Plan, Reference, check, plan, prepare
from prep.inputs.jobs import read_job
from tests.types import Media, Say

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names are text there")

LATIN = b"caf\xe9"
SHOWN = r"caf\xe9"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _copy(source: Path, extension: str = "") -> str:
    """Copy *source* to a name in Latin-1, in the working directory."""
    name = os.fsdecode(LATIN) + (extension or source.suffix)
    Path(name).write_bytes(source.read_bytes())
    return name


@pytest.mark.parametrize(
    "fixture",
    [
        *("photo_orient6.jpg", "alpha.png", "photo.heic", "animated.webp", "photo.jxl", "animated.jxl"),
        *("portrait_rot90.mov", "h264_aac.mkv", "h264_aac.ts", "vp9_alpha.webm", "voice.mp3", "short_1s.wav"),
    ],
)
def test_it_becomes_what_any_other_name_would(media: Media, here: Path, fixture: str) -> None:
    plain, latin = str(media(fixture)), _copy(media(fixture))
    beside, options = media("at_limit_300.png"), Options(strip_metadata=True)
    expected = prepare([beside, plain], out="plain", options=options).entries[1]
    made = prepare([beside, latin], out="latin", options=options).entries[1]
    assert made.output.sha256 == expected.output.sha256
    assert made.source.path == SHOWN + Path(fixture).suffix
    assert [finding.rule for finding in check([beside, latin], thorough=True).findings] == [
        finding.rule for finding in check([beside, plain], thorough=True).findings
    ]


def test_the_manifest_and_the_folder(media: Media, here: Path) -> None:
    out = Path(os.fsdecode(b"aus\xe4"))
    manifest = prepare([_copy(media("photo_orient6.jpg")), _copy(media("portrait_rot90.mov"))], out=out)
    written = json.loads((out / "manifest.json").read_text("utf-8"))
    assert [entry["source"]["path"] for entry in written["entries"]] == [f"{SHOWN}.jpg", f"{SHOWN}.mov"]
    assert all((out / (entry.output.path or "")).is_file() for entry in manifest.entries)


@pytest.mark.parametrize("form", [str, Path, lambda name: Reference(location=name)], ids=["str", "Path", "value"])
def test_every_form_of_a_reference(media: Media, form: Callable[[str], Any]) -> None:
    report = check([form(_copy(media("photo.jpg")))])
    assert json.loads(report.model_dump_json())["references"][0]["reference"]["location"] == f"{SHOWN}.jpg"
    assert report.references[0].reference.label == f"{SHOWN}.jpg"


def test_a_folder_with_such_a_name_and_such_files(media: Media) -> None:
    folder = os.fsdecode(b"f\xfcr")
    os.mkdir(folder)
    os.rename(_copy(media("photo.jpg")), os.path.join(folder, os.fsdecode(LATIN) + ".jpg"))
    Path(folder, os.fsdecode(b"notiz\xe9.txt")).touch()
    report = check(folder)
    assert report.references[0].reference.display_path == rf"f\xfcr/{SHOWN}.jpg"
    assert report.findings[0].message.startswith(r"f\xfcr: skipped 1 other file (notiz\xe9.txt)")


def test_a_job_needs_a_folder_whose_name_is_text(say: Say, media: Media) -> None:
    out = os.fsdecode(b"aus\xe4")
    code, _, err = say("run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--out", out, "--sandbox")
    assert code == 2
    assert err.splitlines()[-1].startswith(r"prep-and-submit: aus\xe4: the name is not UTF-8")


def test_a_plan_is_carried_out_from_its_json(media: Media, here: Path) -> None:
    text = plan([_copy(media("photo_orient6.jpg"))]).model_dump_json()
    manifest = prepare(Plan.model_validate_json(text), out="out")
    assert (manifest.entries[0].source.path, manifest.entries[0].output.path) == (
        f"{SHOWN}.jpg",
        "image1-caf-xe9.jpg",
    )


def test_what_is_shown_can_be_written(media: Media, here: Path) -> None:
    """JSON and YAML hold text, and a terminal can't type the byte."""
    _copy(media("portrait_rot90.mov"))
    report = check([r"walk=caf\xe9.mov#t=0,2"])
    assert (report.references[0].reference.name, report.totals.videos) == ("walk", 1)
    (here / "job.json").write_text(json.dumps({"references": [r"walk=caf\xe9.mov#t=0,2"]}))
    assert check(read_job(here / "job.json").references).references[0].reference.label == f"{SHOWN}.mov"


def test_a_name_that_has_these_characters_goes_first(media: Media, here: Path) -> None:
    _copy(media("photo.jpg"))
    (here / f"{SHOWN}.jpg").write_bytes(media("at_limit_300.png").read_bytes())
    assert check([f"{SHOWN}.jpg"]).references[0].info.container == "png"


def test_a_missing_file_is_called_as_it_was_written(say: Say) -> None:
    code, out, err = say("check", r"gone\xe9.jpg")
    assert (code, out, err) == (2, "", "prep-and-submit: gone\\xe9.jpg: no such file\n")
    code, out, err = say("check", os.fsdecode(b"gone\xe9.jpg"))
    assert (code, out, err) == (2, "", "prep-and-submit: gone\\xe9.jpg: no such file\n")


@pytest.mark.parametrize("output", ["text", "json", "jsonl", "junit", "sarif", "github"])
@pytest.mark.parametrize("recursive", [[], ["-r"]], ids=["set", "each"])
def test_every_format_of_a_check(media: Media, here: Path, output: str, recursive: list[str]) -> None:
    """In a process of its own, which gets the name as bytes and writes UTF-8."""
    name = _copy(media("panorama.png"))
    command = [sys.executable, "-m", "submit.command", "check", *recursive, name, "--format", output]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    shown = {"json": r"caf\\xe9.png", "jsonl": r"caf\\xe9.png", "sarif": "caf%E9.png"}.get(output, r"caf\xe9.png")
    assert shown in done.stdout.decode("utf-8")


def test_the_page_and_the_fixed_files(media: Media, here: Path, say: Say) -> None:
    name = _copy(media("huge_7000.jpg"))
    code, out, err = say("check", name, "--report", "page.html")
    assert (code, err) == (1, "")
    assert r"caf\xe9.jpg" in (here / "page.html").read_text("utf-8")
    for arguments in (["--out", "set"], ["-r", "--out", "each"]):
        code, out, err = say("check", name, "--fix", "--json", *arguments)
        assert (code, err) == (0, "")
        document = json.loads(out)["data"]
        (fix,) = (document["reports"][0] if "-r" in arguments else document)["fixes"]
        assert fix["path"] == r"caf\xe9.jpg"
    assert os.fsencode(os.listdir("each")[0]) == b"caf\xe9.jpg"
    assert fix["made"] == r"each/caf\xe9.jpg"
