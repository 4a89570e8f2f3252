"""docs/library.md: its examples run and pass mypy, as those of docs/services.md do, and its promises hold."""

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import prep
import prep.errors
import submit
import submit.errors
import submit.webhook
from prep import Finding
from prep.model.progress import Progress
from tests.types import Media

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "library.md").read_text("utf-8")
SERVICES = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs" / "services.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
FILES = {"photo.heic": "photo.heic", "dance.mov": "portrait_rot90.mov", "song.mp3": "voice.mp3"}


def _examples() -> dict[str, str]:
    """The code of each section that has some."""
    sections = re.split(r"^##?#? ", TEXT, flags=re.MULTILINE)
    titled = {
        section.partition("\n")[0]: re.findall(r"^```python\n(.*?)^```", section, re.M | re.S) for section in sections
    }
    return {title: block for title, blocks in titled.items() for block in blocks}


EXAMPLES = _examples()


@pytest.fixture
def folder(media: Media, tmp_path: Path) -> Path:
    """Where the examples run: the files that they name are there."""
    for name, made in FILES.items():
        shutil.copyfile(media(made), tmp_path / name)
    return tmp_path


def _run(title: str) -> dict[str, Any]:
    """Execute the code of one section as a notebook would, and return its names."""
    names: dict[str, Any] = {"__name__": "example"}
    code = compile(EXAMPLES[title], "docs/library.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)
    if asyncio.iscoroutine(waiting):
        asyncio.run(waiting)
    return names


def test_every_section_of_code_is_here() -> None:
    assert list(EXAMPLES) == [
        "The library",
        "Your own uploads",
        "Progress and cancellation",
        "Logs",
        "Async",
    ]
    assert TEXT.count("```python") == len(EXAMPLES)


def test_the_three_calls(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = _run("The library")
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "would be refused"
    assert any(line.startswith("@Image1 image-format") for line in out)
    made = [folder / "ready" / entry.output.path for entry in names["manifest"].entries]
    assert [path.suffix for path in made] == [".jpg", ".mp4"]
    assert all(path.is_file() for path in made)


def test_progress_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run("Progress and cancellation")
    out = capsys.readouterr().out.splitlines()
    assert [out[0], out[1], out[-1]] == ["probe  100%", "prepare @Video1 0%", "prepare @Video1 100%"]


def test_a_notebook(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = _run("Async")
    assert len(names["manifest"].entries) == 3
    assert "s of video" in capsys.readouterr().out


# Everything that each call and its async twin accept, alone or in a list.
TAKEN = """
import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile
from decimal import Decimal
from prep import Generation, Reference, References, acheck, aplan, aprepare, check, plan, prepare
from submit import aresume, arun, asubmit, cancel, jobs, offer, resume, run, status, submit

def each() -> Iterator[Path]:
    yield Path("a.mp4")

def hosted(path: Path) -> str:
    return f"https://example.com/{path.name}"

def wrapped(references: References) -> bool:
    return check(references).ok

async def calls() -> None:
    with open("a.mp4", "rb") as file, ZipFile("a.zip").open("a.mp4") as member:
        check("a.mp4"); check(Path("a.mp4")); check(b"content"); check(bytearray(9)); check(memoryview(b"content"))
        check(file); check(member); check(io.BytesIO()); check(Reference(location="a.mp4"))
        check(["a.mp4", Path("a.mp4"), b"content", file, Reference(location="a.mp4")])
        check(("a.mp4",)); check([Path("a.mp4")]); check(each()); check(Path("a").iterdir()); check({Path("a.mp4")})
        plan(Path("a.mp4")); prepare(Path("a.mp4"), out="out"); prepare(plan(file), out="out")
        run(Path("a.mp4"), "@Video1", out="out")
        await acheck(Path("a.mp4")); await aplan(b"content"); await aprepare(file, out="out", cache="cache")
        await arun(b"content", "@Video1", out="out")
    for cap in (3, 1.5, "2.50", Decimal("1.8144")):
        offer("a.mp4", "@Video1", max_cost=cap, generation=Generation(duration=8))
        run("a.mp4", "@Video1", out="out", max_cost=cap, uploader=hosted)
        submit("out", "@Video1", max_cost=cap, generation=Generation(duration=8.0)).result().path.upper()
        await arun("a.mp4", "@Video1", out="out", max_cost=cap, generation=Generation(duration=Decimal(8)))
        (await (await asubmit("out", "@Video1", max_cost=cap)).result()).path.upper()
    Generation(duration="auto")
    resume("k7f3").path.upper(); (await aresume(Path("out"))).path.upper()
    [(one.job.upper(), one.error) for one in (*resume(all=True), *await aresume(all=True))]
    status().job.state; cancel("k7f3").state; [one.cost for one in jobs("failed")]; jobs(["failed", "submitted"])
    prepare("a.mp4", out="out").paths["@Video1"].stat()
    wrapped(Path("a.mp4"))
"""
REFUSED = """
from prep import acheck, check, plan, prepare
from submit import resume, run
check(1).nothing
check(None)
check([1])
plan([open("a.mp4")])
prepare(1, out="out")
acheck(1)
run("a.mp4", "@Video1", out="out", max_cost=[3])
run("a.mp4", "@Video1", out="out", uploader=lambda path: 3)
resume(all=True).path
"""


def test_mypy_strict_passes_on_the_examples_and_on_whatever_is_taken(tmp_path: Path) -> None:
    """Against the installed packages, which is what py.typed is for."""
    (tmp_path / "taken.py").write_text(TAKEN, "utf-8")
    for index, code in enumerate([*EXAMPLES.values(), *SERVICES]):
        (tmp_path / f"example_{index}.py").write_text(code, "utf-8")
    (tmp_path / "wrong.py").write_text(REFUSED, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--disable-error-code=top-level-await"]
    command += ["--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'examples'}", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert {line.partition(":")[0] for line in errors} == {"wrong.py"}, done.stdout + done.stderr
    assert [line.split(":")[1] for line in errors] == [
        "4",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "9",
        "10",
        "11",
        "11",
        "12",
    ], "line 9 does not await either"


@pytest.mark.parametrize("module", [prep.errors, submit.errors], ids=["prep", "submit"])
def test_every_error_is_documented_with_its_exit_code(module: ModuleType) -> None:
    """`ManyErrors` has the exit code of its first problem, and the page says so."""
    classes = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    errors = [item for item in classes if issubclass(item, prep.errors.PrepError) and item is not prep.errors.PrepError]
    listed = TEXT.partition(f"From `{module.__name__}`")[2].partition("\n\n")[2].partition("\n\n")[0]
    items = re.findall(r"^- `(\w+)` \(([\w ]+)(?:, an? `(\w+)`)?\): ", listed, re.MULTILINE)
    assert sorted(items) == sorted(
        (
            error.__name__,
            "that of the first" if error is prep.errors.ManyErrors else str(int(error.exit_code)),
            "" if error.__base__ is prep.errors.PrepError else str(getattr(error.__base__, "__name__", "")),
        )
        for error in errors
    )


@pytest.mark.parametrize("name", submit.webhook.__all__)
def test_every_name_of_webhooks_is_documented(name: str) -> None:
    assert re.search(rf"\b{name}\b", (ROOT / "docs" / "webhooks.md").read_text("utf-8"))


def test_a_reference_written_as_a_value_is_the_one_written_as_text() -> None:
    match = re.search(r"`(Reference\(.*?)` is `(?P<text>walk.*?)`", TEXT)
    assert match
    reference = eval(match[1], {name: getattr(prep, name) for name in prep.__all__})
    assert f"{reference.location}#{reference.part.text}" == match["text"]


def test_findings_and_progress_are_values() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Progress(stage="probe").part = 1.0  # type: ignore[misc]
    assert Finding.model_config["frozen"]


def test_the_library_leaves_the_process_as_it_was(folder: Path) -> None:
    """No printing, no chdir, no signal handlers, no handlers of logs, nothing in the environment; no threads left but
    the one that starts workers, which end with it."""
    script = """
import logging, os, signal, sys, threading, warnings
def state():
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    root = logging.getLogger()
    names = [thread.name for thread in threading.enumerate() if thread.name != "worker-starter"]
    return os.getcwd(), dict(os.environ), handlers, root.handlers, root.level, os.umask(0o22), names
before = state()
from prep import check, plan, prepare
import submit.api
for call in (check, plan):
    call(["photo.heic", "dance.mov", "song.mp3"])
prepare(["photo.heic", "dance.mov#t=0,2", "song.mp3"], out="ready")
assert state() == before, (state(), before)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
