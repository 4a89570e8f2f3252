"""References by URL on the command line."""

import json
import os
from itertools import count
from pathlib import Path

import pytest

from submit.command import main
from tests.prep.net.server import Site
from tests.types import Media, Say

NAME = "clip_720p.mp4"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    def said(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["prep-and-submit", *arguments])
        code = int(main())
        output = capsys.readouterr()
        assert "signature" not in output.err
        return code, output.out, output.err

    return said


@pytest.fixture
def url(site: Site, media: Media) -> str:
    site.put(f"/{NAME}", media(NAME).read_bytes(), "video/mp4")
    return site.url(f"/{NAME}?signature=1")


def test_a_file_that_changes_while_it_is_read_is_told_in_one_line(url: str, say: Say, site: Site, media: Media) -> None:
    """The demuxer reads on after a failed read; its own message must not reach the terminal."""
    data, versions = media(NAME).read_bytes(), count()
    first = int.from_bytes(data[:4])  # the box that says what it is; one that says nothing keeps the index away from it
    data = data[:first] + (2_000_000).to_bytes(4) + b"free" + bytes(2_000_000 - 8) + data[first:]
    site.pages[f"/{NAME}"] = lambda handler: handler.part(data, "video/mp4", f'"{next(versions)}"')
    code, out, err = say("check", url, "--allow-private-network")
    assert (code, out) == (2, "")
    assert err.endswith("it changed while it was read; run again\n")
    assert err.count("\n") == 1


def test_loopback_is_refused(url: str, say: Say, site: Site) -> None:
    code, _, err = say("check", url)
    assert (code, site.seen) == (2, [])
    assert "127.0.0.1, a loopback address; --allow-private-network allows it" in err


@pytest.mark.parametrize("command", ["check", "plan"])
def test_as_text(url: str, say: Say, command: str) -> None:
    code, out, _ = say(command, url, "--allow-private-network")
    assert code == 0
    assert f"\n@Video1  {url.partition('?')[0]}?…\n" in out
    assert "signature" not in out


def test_check_as_json(url: str, say: Say) -> None:
    code, out, _ = say("check", url, "--allow-private-network", "--json")
    assert code == 0
    assert json.loads(out)["data"]["references"][0]["path"] == url.partition("?")[0] + "?…"


def test_a_plan_is_carried_out(url: str, say: Say, tmp_path: Path) -> None:
    _, out, _ = say("plan", f"walk={url}#t=1,4", "--allow-private-network", "--json")
    (tmp_path / "plan.json").write_text(out)
    carry_out = ("prep", "--plan", str(tmp_path / "plan.json"), "--out", str(tmp_path / "out"))
    code, _, err = say(*carry_out)
    assert (code, "loopback" in err) == (2, True)
    code, out, _ = say(*carry_out, "--allow-private-network")
    assert code == 0
    assert "signature" not in out
    assert sorted(os.listdir(tmp_path / "out")) == ["manifest.json", "video1-clip_720p.mp4"]


def test_a_server_that_fails_is_not_wrong_usage(site: Site, say: Say) -> None:
    site.pages["/a.mp4"] = lambda handler: handler.answer(500)
    assert say("check", site.url("/a.mp4?signature=1"), "--allow-private-network")[0] == 4
    assert say("check", site.url("/b.mp4?signature=1"), "--allow-private-network")[0] == 2
