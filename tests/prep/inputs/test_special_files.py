"""References that are no files: devices, pipes, sockets, files of the kernel. One sentence each, and no waiting."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import check, plan
from prep.errors import UnreadableError
from tests.types import Media, Say

pytestmark = [pytest.mark.timeout(60), pytest.mark.skipif(os.name == "nt", reason="has none of these")]


def _fifo(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


def _socket(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return str(path)


SPECIAL = [
    pytest.param(_fifo, "a named pipe", id="fifo"),
    pytest.param(_socket, "a socket", id="socket"),
    pytest.param(lambda path: "/dev/zero", "a device", id="zero"),
    pytest.param(lambda path: "/dev/null", "a device", id="null"),
    pytest.param(lambda path: "/dev/random", "a device", id="random"),
    pytest.param(lambda path: "/proc/kmsg", "a file of the system's kernel", id="kmsg"),
    pytest.param(lambda path: "/proc/self/mem", "a file of the system's kernel", id="mem"),
    pytest.param(lambda path: "/proc/self/status", "a file of the system's kernel", id="status"),
]


@pytest.mark.parametrize(("make", "kind"), SPECIAL)
def test_one_sentence(tmp_path: Path, make: Callable[[Path], str], kind: str) -> None:
    path = make(tmp_path / "s.mp4")
    for call in (check, plan):
        with pytest.raises(UnreadableError) as caught:
            call([path])
        assert str(caught.value) == f"{path}: {kind}, not a file with an image, a video or a sound"


def test_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").symlink_to("/dev/zero")
    with pytest.raises(UnreadableError, match=r"photo\.jpg: a device"):
        check(tmp_path / "photo.jpg")


def test_beside_others_and_in_folders(media: Media, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(media("at_limit_300.png").read_bytes())
    os.mkfifo(tmp_path / "b.mp4")
    (finding,) = check(tmp_path).findings
    assert (finding.rule, finding.subject) == ("input-unreadable", str(tmp_path / "b.mp4"))
    assert [entry.label for entry in plan(tmp_path, skip_unreadable=True).entries] == ["a.png"]


@pytest.mark.parametrize("command", [["check"], ["check", "-r"], ["plan"], ["prep", "--out", "out"]], ids=" ".join)
def test_every_command_exits_with_2(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    code, out, err = say(*command, "pipe")
    assert code == 2
    assert "a named pipe" in out + err


def test_a_plan_from_a_pipe_or_a_device(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("plan.json")
    for path in ("plan.json", "/dev/zero"):
        code, out, err = say("prep", "--plan", path, "--out", "out")
        assert (code, out) == (2, "")
        assert err.endswith("where a text file is wanted\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "not JSON that can be read: nested too deep"),
        ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (json.dumps({"schema": "prep-and-submit/1"}), "not a plan: it has no data"),
        ("caf\xe9".encode("latin-1"), "not UTF-8 text (byte 4)"),
    ],
    ids=["deep", "cut short", "no data", "latin"],
)
def test_a_plan_that_is_none(say: Say, tmp_path: Path, text: str | bytes, why: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    code, out, err = say("prep", "--plan", str(path), "--out", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    assert f"{path}: {why}" in err
