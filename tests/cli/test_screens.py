"""Screens of `run` and of progress: nothing is erased, words stay whole, and the end says what matters."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from prep.cli.progress import lasting, layout_for, shortened
from tests.screen import run_on_terminal, screen
from tests.types import Media

NAMES = ("photo_orient6.jpg", "portrait_rot90.mov", "at_limit_300.png", "voice.mp3")
PROMPT = "@Image1 dances like @Video1, while somebody says what @Audio1 says, and @Image2 is on the wall"
RUN = ("-m", "submit.command", "run", *NAMES, "--prompt", PROMPT, "--duration", "4", "--out", "take one")


@pytest.fixture
def folder(media: Media, tmp_path: Path) -> Path:
    for name in NAMES:
        shutil.copyfile(media(name), tmp_path / name)
    return tmp_path


def _words(lines: list[str]) -> list[str]:
    return [word for line in lines for word in line.split()]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_run_shows_all_of_the_offer_and_of_the_end(folder: Path, columns: int) -> None:
    code, text = run_on_terminal([*RUN, "--sandbox"], folder, columns)
    assert code == 0
    lines = screen(text)
    whole = [line for line in lines if PROMPT not in line]  # an option and its value stay in one line
    assert all(len(line) <= columns or " " not in line.strip(" \\") for line in whole), lines
    words = " ".join(_words(lines))
    for sentence in (
        "OK after prep, with 1 warning: 2 of 4 references will be re-made, 2 stay as they are",
        "Prompt: @Image1 dances like @Video1, while",
        "Price: sandbox, $0.00 (would be $",
        "files 2 re-made, 2 copied unchanged, in take one/",
        "job ",
    ):
        assert words.count(sentence) >= 1, sentence
    assert words.count("Price: ") == words.count("OK after prep") == 1, "nothing is shown twice"
    assert not any("preparing" in line or "uploading" in line or "\u2501" in line for line in lines), "bars go away"
    _, _, command = "\n".join(lines).rpartition("Next, for real: ")
    words = shlex.split(command.replace("\\\n", ""))
    assert words[: len(RUN) - 1] == ["prep-and-submit", *RUN[2:-1], "take one-real"], "the rehearsal keeps its folder"


def test_a_dry_run_ends_with_the_real_one(folder: Path) -> None:
    code, text = run_on_terminal([*RUN, "--dry-run", "--max-cost=9"], folder, 80)
    assert code == 0
    _, _, command = "\n".join(screen(text)).rpartition("Next: ")
    assert shlex.split(command.replace("\\\n", "")) == ["prep-and-submit", *RUN[2:], "--max-cost=9"]


@pytest.mark.parametrize("columns", [40, 80])
def test_the_end_of_a_refused_run_names_what_is_wrong(folder: Path, columns: int) -> None:
    """Four sounds are one too many, which only the user can decide about."""
    sounds = []
    for number in range(4):
        sounds.append(f"sound {number}.mp3")
        shutil.copyfile(folder / "voice.mp3", folder / sounds[-1])
    code, text = run_on_terminal(
        ["-m", "submit.command", "run", *NAMES[:3], *sounds, "--prompt", "@Image1", "--sandbox", "--short", "refuse"],
        folder,
        columns,
    )
    assert code == 1
    lines = [line for line in screen(text) if line]
    assert all(len(line) <= columns for line in lines), lines
    end = " ".join(_words(lines[-12:]))
    assert "4 sounds (max 3)" in end
    assert end.endswith("prep-and-submit: the job can't be sent as it is: too-many-audios")


EVENTS = """
import time
clock = [0.0]
time.monotonic = lambda: clock[0]
from prep.cli.progress import show_progress
from prep.model.progress import Progress

with show_progress() as show:
    for clock[0], event in {events}:
        show(Progress(**event))
"""


def _progress(folder: Path, columns: int, *events: tuple[float, dict[str, object]]) -> str:
    """The last picture of the bars after *events*, each with its time in seconds."""
    code, text = run_on_terminal(["-c", EVENTS.format(events=events)], folder, columns)
    assert code == 0, text
    return text


def _preparing(at_s: float, part: float) -> tuple[float, dict[str, object]]:
    return at_s, {"stage": "prepare", "tag": "@Video1", "label": "a.mov", "part": part}


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ((_preparing(0, 0), _preparing(10, 0.25)), "30 s left"),
        ((_preparing(0, 0), _preparing(90, 0.25)), "4 min left"),
        ((_preparing(0, 0), _preparing(0.9, 0.25)), ""),
        ((_preparing(0, 0), _preparing(10, 0.01)), ""),
        ((_preparing(0, 0), _preparing(10, 1.0)), ""),
    ],
    ids=["seconds", "minutes", "just begun", "next to nothing", "finished"],
)
def test_time_left(tmp_path: Path, events: tuple[tuple[float, dict[str, object]], ...], left: str) -> None:
    for columns in (60, 80, 120):
        text = _progress(tmp_path, columns, *events)
        assert (left in text) if left else "left" not in text
    assert "left" not in _progress(tmp_path, 50, *events), "there is no room for it"


def test_one_line_for_the_queue(tmp_path: Path) -> None:
    done = _preparing(0, 1.0)
    queued = {"stage": "queue", "label": "k7f3", "message": "in the queue, 2 ahead", "position": 2}
    text = _progress(tmp_path, 80, done, (0.0, queued), (75.0, queued | {"usual_s": 130.0}))
    *_, last = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text).strip().splitlines()
    assert last.startswith("in the queue, 2 ahead, usually 2 min ") and last.endswith("1:15")
    assert "preparing" not in text.rpartition("in the queue")[0].rpartition("\n")[2], "what is finished is gone"
    assert "in the queue, 2 ahead, usual time unknown " in _progress(tmp_path, 80, (0.0, queued))
    assert "in the queue, 2 ahead " in _progress(tmp_path, 40, (0.0, queued)), "what matters most stays"


def test_the_platforms_lines_stand_in_the_same_line(tmp_path: Path) -> None:
    events = [(0.0, {"stage": "generate", "label": "k7f3", "message": f"denoising {step}"}) for step in range(5)]
    assert [line for line in screen(_progress(tmp_path, 80, *events)) if line] == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (59.6, "1 min"), (3569, "59 min"), (3571, "1 h"), (9000, "2 h")]
)
def test_rough_durations(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


@pytest.mark.parametrize("columns", range(40, 121, 8))
def test_the_columns_fit(columns: int) -> None:
    layout = layout_for(columns)
    line = [shortened("preparing @Video1 " + "x" * 200, layout.title), "━" * layout.bar, "100%"]
    line += ["50.0 of 50.0 MB"] * layout.size + ["59 min left"] * layout.left
    assert len(" ".join(line)) <= columns
    assert layout.title >= 26
