"""The command as a shell and a terminal see it."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from submit.command import COMMANDS
from tests.docs.contract import contract

Media = Callable[[str], Path]
ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "submit.command"]
COPIED = re.compile(
    r"(?<!\w)'[^'\n]+'(?!\w)|\w+://[^\s,)]+|(?<!\S)--[a-z][a-z-]+|\S+/reference-to-video|[a-z]+-[a-z-]+"
)


def _environment(**changes: str) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("FAL_", "PYTHONIOENCODING"))}
    return {**ours, "PYTHONPATH": str(ROOT), **changes}


def _call(folder: Path, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=_environment(**changes), capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids="".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_every_command_shows_an_example(say: Any, command: tuple[str, ...], option: str) -> None:
    code, out, err = say(*command, option)
    assert (code, err) == (0, "")
    example = re.search(r"Example:\s+(prep-and-submit .*)", out.replace("\n  ", " "))
    assert example
    assert example[1].split()[1] == (command[0] if command else "run")


@pytest.mark.parametrize("columns", ["80", "100"])
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_that_is_copied_from_help_is_broken_in_two(
    say: Any, monkeypatch: pytest.MonkeyPatch, name: str, columns: str
) -> None:
    """Options, URLs, commands in quotes, names with hyphens."""
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = say(name, "--help")
    assert max(map(len, out.partition("Example:")[0].splitlines())) <= int(columns) + 5  # lines that are kept as typed
    assert not re.search("[\u2011\u00a0]", out)
    command = getattr(import_module(COMMANDS[name][0]), name)
    texts = [command.help, *(getattr(param, "help", None) for param in command.params)]
    copied = [piece for text in texts if text for piece in COPIED.findall(" ".join(text.split()))]
    assert [piece for piece in copied if piece not in out] == []


def test_help_lists_every_command_and_the_exit_codes(say: Any) -> None:
    _, out, _ = say("--help")
    for name, (_, text) in COMMANDS.items():
        assert re.search(rf"{name} +{re.escape(text[:30])}", out)
    for code in ("0 fine", "1 findings", "2 wrong usage", "5 refused", "130 interrupted"):
        assert code in " ".join(out.split())


def test_without_arguments_it_shows_help_and_fails(say: Any) -> None:
    code, out, err = say()
    assert code == 2
    assert out == ""
    assert "Commands" in err and "Example" in err


def test_help_does_not_wait_for_decoders_and_clients(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['prep-and-submit', 'run', '--help']\n"
        "from submit.command import main\nmain()\n"
        "heavy = {'av', 'PIL', 'pydub', 'ffmpeg', 'fal_client', 'httpx', 'pydantic', 'starlette'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=_environment(), check=True, capture_output=True)


def test_check_needs_no_network_client(media: Media, tmp_path: Path) -> None:
    script = (
        f"import sys; sys.argv = ['prep-and-submit', 'check', {str(media('photo.jpg'))!r}]\n"
        "from submit.command import main\nassert main() == 0\n"
        "assert not {'fal_client', 'httpx', 'requests', 'urllib3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=_environment(), check=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("prep", "photo.jpg", "--out", ""), "'--out': should be a path, not ''"),
        (("run", "photo.jpg", "--prompt", "a", "--out", ""), "'--out': should be a path, not ''"),
        (("check", "photo.jpg", "--fix", "--out", ""), "'--out': should be a path, not ''"),
        (("batch", "jobs.csv", "--out", ""), "'--out': should be a path, not ''"),
        (("check", "photo.jpg", "--report", ""), "'--report': should be a path, not ''"),
        (("run", "photo.jpg", "--prompt", "a", "--dry-run", "--webhook", "hook"), "not a URL such as https://"),
        (("batch", "jobs.csv", "--dry-run", "--webhook", "ftp://a.b/hook"), "not a URL such as https://"),
        (("submit", "ready", "--prompt", "a", "--webhook", "https://"), "not a URL such as https://"),
        (("run", "photo.jpg", "--prompt", "a", "--dry-run", "--faults", "429:1"), "--faults needs --sandbox"),
        (("batch", "jobs.csv", "--dry-run", "--faults", "429:1"), "--faults needs --sandbox"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_can_not_work_is_refused_before_the_work(
    media: Media, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    shutil.copyfile(media("photo.jpg"), tmp_path / "photo.jpg")
    (tmp_path / "jobs.csv").write_text("id,prompt,ref1\na,walks,photo.jpg\n")
    done = _call(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in " ".join(done.stderr.decode().split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jobs.csv", "photo.jpg"]


@pytest.mark.parametrize("arguments", [("explain",), ("limits", "--json")])
def test_a_reader_that_goes_away(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """As with `| head -1`: no traceback, no complaint."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, env=_environment(), stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode in (0, -signal.SIGPIPE)


@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [("ascii", ("check", "panorama.png")), ("cp1252", ("plan", "panorama.png")), ("latin-1", ("check", "nö€.png"))],
)
def test_a_terminal_that_is_not_utf_8(media: Media, tmp_path: Path, encoding: str, arguments: tuple[str, ...]) -> None:
    """The marks and signs in messages are no reason to fail: whatever can't be shown is replaced."""
    shutil.copyfile(media("panorama.png"), tmp_path / "panorama.png")
    expected = _call(tmp_path, *arguments).returncode
    done = _call(tmp_path, *arguments, PYTHONIOENCODING=encoding)
    assert done.returncode == expected != 3
    assert b"Error" not in done.stderr
    assert b"panorama.png" in done.stdout or b".png" in done.stderr


@pytest.mark.parametrize("arguments", [("check",), ("plan",), ("prep", "--out", "out"), ("check", "--json")])
def test_a_name_that_is_no_text(media: Media, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    shutil.copyfile(media("at_limit_300.png"), name)
    command = [*map(os.fsencode, [*COMMAND, arguments[0]]), name, *map(os.fsencode, arguments[1:])]
    done = subprocess.run(command, cwd=tmp_path, env=_environment(), capture_output=True, check=False)
    assert done.returncode in (0, 2)
    assert b"bug" not in done.stderr and b"Traceback" not in done.stderr


def test_a_name_can_not_write_to_the_terminal(media: Media, tmp_path: Path) -> None:
    """A downloaded file may be called anything; its name must not move the cursor or fake a line of output."""
    name = "a\x1b[2J\x1b[1;1H\nprep-and-submit: all fine.png"
    shutil.copyfile(media("panorama.png"), tmp_path / name)
    for arguments in (("check", name), ("plan", name), ("check", f"{name}x")):
        done = _call(tmp_path, *arguments)
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\nprep-and-submit: all fine" not in b"\n" + done.stdout + b"\n" + done.stderr


def test_a_dash_in_front_goes_after_two_dashes(media: Media, tmp_path: Path) -> None:
    shutil.copyfile(media("photo.jpg"), tmp_path / "-photo.jpg")
    done = _call(tmp_path, "check", "--", "-photo.jpg")
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_sandbox_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--dir", "box", "--json"],
        cwd=tmp_path,
        env=_environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None and process.stderr is not None
        process.stderr.readline()  # "running": the document is complete before it
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    document = json.loads(out)
    Draft202012Validator(contract(closed=True)).validate(document)
    environment = document["data"]["env"]
    assert environment["FAL_KEY"] == "sandbox:this-is-not-a-key"
    assert process.returncode == 0
    assert (tmp_path / "box" / "ca.pem").is_file()


def _in_a_terminal(folder: Path, *arguments: str, **changes: str) -> tuple[int, bytes, bytes]:
    """Run the command with its stderr on a terminal; its exit code, stdout, and what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=_environment(**{"TERM": "xterm", "COLUMNS": "100", **changes}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with process:
        while True:
            ready, _, _ = select.select([ours], [], [], 30)
            try:
                piece = os.read(ours, 65_536) if ready else b""
            except OSError:  # the other end was closed
                piece = b""
            if not piece:
                break
            shown += piece
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, out, shown


def test_a_terminal_shows_progress_and_stdout_stays_clean(media: Media, tmp_path: Path) -> None:
    code, out, shown = _in_a_terminal(tmp_path, "prep", str(media("portrait_rot90.mov")), "--out", "out", "--json")
    assert code == 0
    assert json.loads(out)["ok"]
    assert b"preparing @Video1 portrait_rot90.mov" in shown
    assert b"100%" in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_bar_fits_into_any_terminal(media: Media, tmp_path: Path, columns: int) -> None:
    """Of a long name the middle gives way, not the bar."""
    name = "IMG_2026-11-22 holiday on the beach with the whole family 07.jpg"
    shutil.copyfile(media("photo_orient6.jpg"), tmp_path / name)
    code, _, shown = _in_a_terminal(tmp_path, "prep", name, "--out", "out", COLUMNS=str(columns), NO_COLOR="1")
    assert code == 0
    lines = [
        line.strip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).splitlines() if line.strip()
    ]
    assert re.fullmatch(r"preparing @Image1 .*07\.jpg ━+ +100%( +[\d:]+)?", lines[-1])
    assert max(len(line) for line in lines) <= columns
    assert b"\x1b[3" not in shown, "no colour was asked for"


def test_a_dumb_terminal_is_spared(media: Media, tmp_path: Path) -> None:
    """It could not move its cursor back, and would keep every step as a line of its own."""
    code, _, shown = _in_a_terminal(tmp_path, "prep", str(media("photo_orient6.jpg")), "--out", "out", TERM="dumb")
    assert (code, shown) == (0, b"")


def test_progress_of_a_name_with_markup(media: Media, tmp_path: Path) -> None:
    """Square brackets mean style to the library that draws the bars."""
    shutil.copyfile(media("photo_orient6.jpg"), tmp_path / "a[red]b[bold]c[.jpg")
    code, _, shown = _in_a_terminal(tmp_path, "prep", "a[red]b[bold]c[.jpg", "--out", "out")
    assert code == 0
    assert b"a[red]b[bold]c[.jpg" in shown


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_told_as_one(tmp_path: Path, debug: bool) -> None:
    """A traceback is for those who ask for one. The bug here: a spec file that is gone."""
    script = (
        "import sys, prep.specs; sys.argv = ['prep-and-submit', 'limits', '--json']\n"
        "def load(*given): raise ZeroDivisionError('oops')\n"
        "prep.specs.load_spec = load\n"
        "from submit.command import main\nsys.exit(main())"
    )
    changes = {"PREP_AND_SUBMIT_DEBUG": "1"} if debug else {}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=_environment(**changes), capture_output=True, check=False)
    if debug:
        assert b"Traceback" in done.stderr
        return
    assert done.returncode == 3
    assert b"a bug in prep-and-submit: ZeroDivisionError: oops" in done.stderr
    assert b"Traceback" not in done.stderr
    assert json.loads(done.stdout)["data"]["error"]["exit_code"] == 3


def test_what_a_decoder_thinks_of_a_file_is_not_printed(media: Media, tmp_path: Path) -> None:
    data = media("textured.tiff").read_bytes()
    (tmp_path / "half.tiff").write_bytes(data[: len(data) // 2])
    called = _call(tmp_path, "check", "half.tiff")
    assert called.returncode == 2
    assert b"Warning" not in called.stderr and called.stderr.count(b"\n") == 1
