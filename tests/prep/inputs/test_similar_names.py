"""Names that lead nowhere: the message guesses at what was meant."""

from pathlib import Path

import pytest

from prep import check, plan
from prep.errors import UnreadableError, UsageError
from prep.inputs.jobs import read_job
from prep.spelling import alike
from tests.types import Say


@pytest.fixture(autouse=True)
def here(tmp_path: Path) -> Path:
    (tmp_path / "clips").mkdir()
    for name in (
        *("Photo.heic", "Photo.xmp", "hero shot.PNG", "IMG_2041.jpg", "voice.mp3", "voice.wav", ".hidden.jpg"),
        *("clips/walk.mov", "job.yaml"),
    ):
        (tmp_path / name).write_bytes(b"not read")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("photo.heic", "Photo.heic"),
        ("Photo.jpg", "Photo.heic"),
        ("phto.heic", "Photo.heic"),
        ("Photo", "Photo.heic"),
        ("hero-shot.png", "hero shot.PNG"),
        ("voice.mp4", "voice.mp3"),
        ("IMG2041.jpg", "IMG_2041.jpg"),
        ("clip/walk.mov", "clips/walk.mov"),
        ("clips/wlak.mov", "clips/walk.mov"),
        ("Clips/walk.mp4", "clips/walk.mov"),
        ("clps", "clips"),
        ("IMG_2042.jpg", None),
        ("hidden.jpg", None),
        ("elsewhere/walk.mov", None),
        ("something.mp4", None),
    ],
)
def test_a_file_that_does_not_exist(typed: str, meant: str | None) -> None:
    hint = f" (did you mean '{meant}'?)" if meant else ""
    for call in (check, plan):
        with pytest.raises(UnreadableError) as caught:
            call([f"hero={typed}#t=1"])
        assert str(caught.value).partition("; to continue")[0] == f"{typed}: no such file{hint}"


def test_a_job_file_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match=r"^jbo\.yml: no such file \(did you mean 'job\.yaml'\?\)"):
        read_job(Path("jbo.yml"))


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("bset", ["start", "middle", "end", "best"], ["best"]),
        ("WINDOW", ["window", "seconds"], ["window"]),
        ("h264", ["auto", "H264", "H265"], ["H264"]),
        ("zzz", ["start"], []),
        ("dances", ["faces"], []),
        ("nope", ["noext"], []),
        ("--promt", ["--out", "--report", "--prompt"], ["--prompt"]),
        ("aspect", ["aspect_ratio"], ["aspect_ratio"]),
        ("ab", ["ac"], []),
        ("abcdefgh", ["abxyefgh", "abxyzfgh"], ["abxyefgh"]),
    ],
)
def test_alike(word: str, known: list[str], near: list[str]) -> None:
    assert alike(word, known) == near


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (["chek", "a.png"], "No such command 'chek' (did you mean 'check'?)."),
        (["zzzz"], "No such command 'zzzz'."),
        (["check", "a.png", "--window", "bset"], "'middle', 'end', 'best' (did you mean 'best'?)."),
        (["check", "a.png", "--window", "zzz"], "'middle', 'end', 'best'."),
        (["check", "a.png", "--format", "jsn"], "unknown format 'jsn' (did you mean 'json'?); known are"),
        (["check", "a.png", "--basis", "Advise"], "(did you mean 'advice'?)."),
        (["plan", "a.png", "--background", "whit"], "'whit' is not a colour (did you mean 'white'?)"),
        (["plan", "a.png", "--windw", "best"], "Did you mean '--window'?"),
        (["run", "--promt", "x"], "No such option '--promt'. Did you mean '--prompt'?"),
        (["price", "IMG_2041.jpg", "--resolution", "720"], "(allowed: 480p, 720p, 1080p, 4k); did you mean 720p?"),
        (["price", "IMG_2041.jpg", "--resolution", "7"], "(allowed: 480p, 720p, 1080p, 4k)\n"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_commands_and_values(say: Say, command: list[str], hint: str) -> None:
    code, _, err = say(*command)
    assert code == 2
    assert hint.rstrip("\n") in " ".join(err.split())
    assert not hint.endswith("\n") or err.endswith(hint)
