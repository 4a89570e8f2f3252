"""Patterns and lists on stdin: every command that takes REFs understands them alike."""

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.types import Media, Say

COMMANDS = {
    "check": ("check",),
    "plan": ("plan",),
    "price": ("price",),
    "prep": ("prep", "--out", "ready"),
    "run": ("run", "--dry-run", "--prompt", "a cat"),
}


@pytest.fixture(autouse=True)
def folder(media: Media, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phone").mkdir()
    for name in ("IMG_2.jpg", "IMG_10.jpg"):
        shutil.copyfile(media("photo.jpg"), tmp_path / "phone" / name)
    (tmp_path / "phone" / "IMG_2.AAE").write_text("edits")


def _with_list(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_quoted_pattern(say: Say, command: tuple[str, ...]) -> None:
    code, _, err = say(*command, "phone/IMG_*", "--json")
    assert code == 0, err
    assert "phone/IMG_*: skipped 1 sidecar (phone/IMG_2.AAE)\n" in err
    code, out, err = say(*command, "phone/*.jpg")
    assert (code, err.count("skipped")) == (0, 0)
    if command[0] not in ("price", "run"):
        assert 0 < out.index("IMG_2.jpg") < out.index("IMG_10.jpg")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_list_on_stdin(say: Say, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    _with_list(monkeypatch, "phone/IMG_10.jpg\nhero=phone/IMG_2.jpg\n")
    code, out, err = say(*command, "-", "--json")
    assert code == 0, err
    assert json.loads(out)["ok"]


@pytest.mark.parametrize("command", [*COMMANDS.values(), ("review",)], ids=[*COMMANDS, "review"])
def test_a_pattern_that_matches_nothing(say: Say, command: tuple[str, ...]) -> None:
    code, _, err = say(*command, "phone/*.gif")
    assert (code, err) == (2, "prep-and-submit: phone/*.gif: no file matches\n")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_an_empty_list_is_no_reference(say: Say, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    _with_list(monkeypatch, "")
    code, _, err = say(*command, "-")
    assert code == 2
    assert "name at least one reference" in err


def test_a_list_leaves_nobody_to_ask(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_list(monkeypatch, "phone/IMG_2.jpg\n")
    monkeypatch.setenv("FAL_KEY", "made-up-id:made-up-secret")
    code, _, err = say("run", "-", "--prompt", "a cat")
    assert code == 5
    assert "--yes or --max-cost" in err


def test_a_recursive_check_says_what_it_skips(say: Say) -> None:
    code, out, err = say("check", "-r", "phone")
    assert (code, out) == (0, "2 files: 0 with errors\n")
    assert err == "phone: skipped 1 sidecar (phone/IMG_2.AAE)\n"


def test_the_next_command_has_numbers_as_they_were_typed(say: Say) -> None:
    code, out, _ = say("plan", "phone/IMG_2.jpg", "--seconds", "3", "--loudness", "-16.5")
    assert code == 0
    assert "--loudness -16.5" in out
    assert "--seconds 3 " in out
