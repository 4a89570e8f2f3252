"""`--report FILE`, as somebody who asks for it meets it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from prep import Network, check, prepare
from prep.cli.html_report import page_of_manifest, page_of_report
from submit.command import main

Media = Callable[[str], Path]
ROOT = Path(__file__).parents[2]


class Said(NamedTuple):
    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def say(
    media: Media, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    """Call the command where photo.jpg, photo.heic and voice.mp3 are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAL_KEY", raising=False)
    for name in ("photo.jpg", "photo.heic", "voice.mp3"):
        shutil.copyfile(media(name), tmp_path / name)

    def said(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["prep-and-submit", *arguments])
        return Said(main(), *capsys.readouterr())

    return said


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        (("check", "photo.jpg"), "Meets the limits"),
        (("check", "photo.heic"), "Would be refused"),
        (("plan", "photo.heic"), "Meets the limits after prep"),
        (("plan", "voice.mp3"), "Can&#39;t be prepared"),
        (("prep", "photo.heic", "--out", "out"), "Meets the limits"),
        (("prep", "voice.mp3", "--out", "out"), "Can&#39;t be prepared"),
    ],
    ids=" ".join,
)
def test_a_page_and_the_same_answer_as_without(
    say: Say, tmp_path: Path, arguments: tuple[str, ...], verdict: str
) -> None:
    without = say(*arguments)
    assert say(*arguments, "--report", "pages/report.html") == without
    page = (tmp_path / "pages" / "report.html").read_text("utf-8")
    assert f">{verdict}</h1>" in page
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["report.html"]


def test_the_page_is_the_same_each_time(say: Say, tmp_path: Path) -> None:
    pages = []
    for _ in range(2):
        assert say("check", "photo.heic", "voice.mp3", "--report", "report.html").code == 1
        pages.append((tmp_path / "report.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_plan_that_was_kept(say: Say, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(say("plan", "photo.heic", "--json").out, "utf-8")
    assert say("prep", "--plan", "plan.json", "--out", "out", "--report", "out/report.html").code == 0
    assert ">Meets the limits</h1>" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_a_run_that_is_refused_before_it_spends(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "never-sent")
    said = say("run", "photo.heic", "--prompt", "@Image7 <b>", "--out", "out", "--report", "report.html")
    assert (said.code, said.out) == (1, "")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert ">Can&#39;t be prepared</h1>" in page
    assert '<code class="rule">prompt-tag-out-of-range</code>' in page
    assert not (tmp_path / "out").exists()


def test_the_page_of_a_dry_run_has_the_prompt_and_the_price(say: Say, tmp_path: Path) -> None:
    said = say(
        "run", "photo.heic", "--prompt", "a <b> walks", "--duration", "5", "--dry-run", "--report", "report.html"
    )
    assert said.code == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<bdi>a &lt;b&gt; walks</bdi>" in page
    assert "<dt>Price</dt><dd>$" in page and "<dt>Output</dt><dd>5 s, 720p</dd>" in page
    assert "dry run: nothing was prepared" in page
    assert "prompt-reference-unused" in page


@pytest.mark.parametrize("more", [(), ("--skip-bad",)], ids=["unreadable", "skipped"])
def test_a_file_that_cannot_be_read_is_named(say: Say, tmp_path: Path, more: tuple[str, ...]) -> None:
    (tmp_path / "broken.png").write_text("no picture")
    say("check", "photo.jpg", "broken.png", "--report", "report.html", *more)
    assert "<bdi>broken.png</bdi>" in (tmp_path / "report.html").read_text("utf-8")


def test_limits_of_ones_own_are_the_ones_on_the_page(say: Say, tmp_path: Path) -> None:
    spec = (ROOT / "prep" / "specs" / "seedance-2.0.toml").read_text("utf-8")
    own = re.sub(r'(?m)^endpoint *= *".*"', 'endpoint = "my/model"', spec)
    own = own.replace("max_count = { value = 9,", "max_count = { value = 5,")
    (tmp_path / "own.toml").write_text(own, "utf-8")
    for command in (("check",), ("plan",), ("prep", "--out", "out")):
        assert say(*command, "photo.jpg", "--spec", "own.toml", "--report", "report.html").code == 0
        page = (tmp_path / "report.html").read_text("utf-8")
        assert "<code>my/model</code>" in page
        assert "<span>1 of 5</span>" in page


def test_a_source_is_never_replaced(say: Say, tmp_path: Path) -> None:
    before = (tmp_path / "photo.jpg").read_bytes()
    said = say("check", "photo.heic", "--report", "photo.jpg")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "prep-and-submit: photo.jpg: not an HTML page; --report would overwrite it; choose another name\n"
    )
    assert (tmp_path / "photo.jpg").read_bytes() == before


def test_a_folder_is_no_page(say: Say, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    said = say("check", "photo.jpg", "--report", "pages")
    assert (said.code, said.out) == (2, "")
    assert "pages" in said.err and "Traceback" not in said.err


def test_a_page_that_can_not_be_written(say: Say, tmp_path: Path) -> None:
    said = say("check", "photo.jpg", "--report", "photo.jpg/report.html")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("prep-and-submit: photo.jpg/report.html: the report can't be written: ")
    assert not list(tmp_path.glob("**/*.part"))


@pytest.mark.parametrize("command", ["prep", "run"])
def test_the_place_of_the_page_is_judged_before_the_work(say: Say, tmp_path: Path, command: str) -> None:
    more = ("--prompt", "@Image1 waves", "--sandbox", "--yes") if command == "run" else ()
    said = say(command, "photo.heic", "--out", "out", "--report", "photo.jpg/report.html", *more)
    assert (said.code, said.out, (tmp_path / "out").exists()) == (2, "", False)
    assert said.err == "prep-and-submit: photo.jpg/report.html: the report can't be written: Not a directory\n"


def test_a_page_that_can_not_be_written_after_a_job_loses_nothing_of_it(
    say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    """Its folder is a file only since the job has made that."""
    report = "out/image1-photo.jpg/report.html"
    command = ("run", "photo.jpg", "--prompt", "@Image1 waves", "--out", "out", "--yes", "--sandbox", "--json")
    said = say(*command, "--report", report)
    assert said.code == 0 and Path(json.loads(said.out)["data"]["result"]["video"]["path"]).is_file()
    assert f"{report}: the report can't be written: " in caplog.text


def test_what_a_folder_has_lost_since_has_no_picture(say: Say, tmp_path: Path) -> None:
    """The pictures of what comes after it stay."""
    (tmp_path / "shots").mkdir()
    for name in ("photo.jpg", "photo.heic"):
        (tmp_path / name).rename(tmp_path / "shots" / name)
    manifest = prepare(["shots"], out="out")
    first, *_ = manifest.entries
    Path(first.source.path).unlink()
    page = page_of_manifest(manifest, tmp_path / "out", ["shots"], manifest.endpoint, Network())
    assert [bool(item.before and item.before.picture) for item in page.items] == [False, True]


def test_without_jinja2_it_says_what_to_install(say: Say, tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['jinja2'] = None\n"
        "sys.argv = ['prep-and-submit', 'check', 'photo.jpg', '--report', 'report.html']\n"
        "from submit.command import main\nsys.exit(main())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == (
        b"prep-and-submit: --report needs Jinja2, which is not installed: pip install 'prep-and-submit[report]'\n"
    )
    assert not (tmp_path / "report.html").exists()


def test_what_a_program_hands_over_is_shown(media: Media) -> None:
    with media("voice.mp3").open("rb") as sound:
        report = check([media("photo.jpg").read_bytes(), sound])
        page = page_of_report(report, report.endpoint, Network())
    assert [bool(item.before.picture) for item in page.items] == [True, False]
    assert len(page.items[1].before.wave) > 100
