"""Nothing leaves the machine, and nothing is paid, before the offer was shown and agreed to."""

import os
import pty
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import av
import pytest

from prep.errors import RefusedError
from submit import Generation, Offer, offer, offer_prepared, run, submit
from submit.journal import Journal
from submit.sandbox import Sandbox
from tests.submit.cloud import Cloud
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection
PROMPT = "@Image1 waves"
SIX_SECONDS = Generation(duration="6", aspect_ratio="16:9")
ROOT = str(Path(__file__).parents[2])
COMMAND = [sys.executable, "-m", "submit.command"]


@pytest.fixture
def photo(media: Media) -> Path:
    """A picture that has to be re-made, so that there is a file to upload."""
    return media("photo_orient6.jpg")


@pytest.fixture
def damaged(media: Media, tmp_path: Path) -> str:
    """A part of a clip in the middle of which a picture is overwritten: only decoding it shows that."""
    clip, data = tmp_path / "clip.mp4", bytearray(media("clip_1080p_20s.mp4").read_bytes())
    with av.open(str(media("clip_1080p_20s.mp4"))) as container:
        packet = next(p for p in container.demux(video=0) if p.pts is not None and p.pts * p.time_base >= 8)
    assert packet.pos is not None
    data[packet.pos + 5 : packet.pos + packet.size] = b"\xff" * (packet.size - 5)
    clip.write_bytes(data)
    return f"{clip}#t=7,10"


def test_damage_that_only_preparing_shows_is_asked_about(box: Sandbox, damaged: str, tmp_path: Path) -> None:
    """Nothing is paid once it is known and not agreed to."""
    seen: list[set[str]] = []

    def agree_unless_damaged(proposal: Offer) -> bool:
        seen.append({finding.rule for finding in proposal.findings} & {"video-damaged"})
        return not seen[-1]

    with pytest.raises(RefusedError, match="not agreed to"):
        run([damaged], "@Video1", out=tmp_path / "out", generation=SIX_SECONDS, confirm=agree_unless_damaged)
    assert seen == [set(), {"video-damaged"}]
    assert box.ledger == ()


@pytest.mark.parametrize("flags", [["--yes"], ["--max-cost", "9"]])
def test_damage_is_said_also_where_nobody_is_asked(
    box: Sandbox, damaged: str, tmp_path: Path, say: Say, flags: list[str]
) -> None:
    code, out, _ = say("run", damaged, "--prompt", "@Video1", "--duration", "6", "--out", str(tmp_path / "out"), *flags)
    assert (code, len(box.ledger)) == (0, 1)
    assert out.count("video-damaged") == 1
    assert out.index("Price: ") < out.index("video-damaged") < out.index("result-"), "before anything was paid"


def test_nothing_arrives_before_consent(box: Sandbox, photo: Path, tmp_path: Path) -> None:
    before: list[tuple[str, ...]] = []

    def agree(proposal: Offer) -> bool:
        before.append(box.accesses())
        return True

    run([photo], PROMPT, out=tmp_path / "out", generation=SIX_SECONDS, confirm=agree)
    assert before == [()]
    assert sum(access.startswith("POST queue.fal.run/") for access in box.accesses()) == 1
    assert len(box.ledger) == 1


def test_no_undoes_everything(box: Sandbox, photo: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"^not agreed to; nothing was uploaded or submitted$"):
        run([photo], PROMPT, out=tmp_path / "out", confirm=lambda proposal: False)
    assert (box.accesses(), box.ledger) == ((), ())
    assert not (tmp_path / "out").exists()
    assert Journal().jobs() == ()


def test_the_offer_holds_plan_findings_request_and_price(photo: Path, tmp_path: Path, box: Sandbox) -> None:
    shown: list[Offer] = []
    options: dict[str, Any] = {"generation": SIX_SECONDS}
    run([f"hero={photo}"], "@hero waves", out=tmp_path / "out", confirm=lambda one: not shown.append(one), **options)
    (proposal,) = shown
    assert proposal == offer([f"hero={photo}"], "@hero waves", **options)
    assert proposal.plan is not None
    assert [step.kind for step in proposal.plan.entries[0].steps] == ["orient", "encode-image"]
    assert proposal.request.prompt == "@Image1 waves"
    assert proposal.request.image_urls == ("photo_orient6.jpg",)
    assert proposal.cost is not None
    assert proposal.cost.max_usd >= Decimal("1.8144")  # 6 s at 720p
    assert proposal.output == "6 s, 720p"


def test_a_prepared_folder_is_offered_before_it_is_uploaded(box: Sandbox, photo: Path, tmp_path: Path) -> None:
    from prep import prepare

    prepare([photo], out=tmp_path / "ready")
    before: list[tuple[str, ...]] = []
    with pytest.raises(RefusedError, match="not agreed to"):
        submit(tmp_path / "ready", PROMPT, confirm=lambda proposal: bool(before.append(box.accesses())))
    assert before == [()]
    assert box.accesses() == ()


def test_a_job_that_was_paid_for_is_no_question(box: Sandbox, photo: Path, tmp_path: Path) -> None:
    def never(proposal: Offer) -> bool:
        raise AssertionError("asked about a job that is not paid for again")

    first = run([photo], PROMPT, out=tmp_path / "out", generation=SIX_SECONDS)
    again = run([photo], PROMPT, out=tmp_path / "out", generation=SIX_SECONDS, confirm=never)
    elsewhere = run([photo], PROMPT, out=tmp_path / "other", generation=SIX_SECONDS, confirm=never)
    assert again.found
    assert elsewhere.found
    assert first.job == again.job == elsewhere.job
    assert len(box.ledger) == 1
    with pytest.raises(RefusedError, match="not agreed to"):
        run([photo], PROMPT, out=tmp_path / "out", generation=SIX_SECONDS, again=True, confirm=lambda proposal: False)


@pytest.mark.parametrize("command", ["run", "submit"])
def test_where_nobody_can_be_asked(box: Sandbox, photo: Path, tmp_path: Path, command: str) -> None:
    from prep import prepare

    prepare([photo], out=tmp_path / "ready")
    target = ["ready"] if command == "submit" else [str(photo)]
    ended = subprocess.run(
        [*COMMAND, command, *target, "--prompt", PROMPT],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence = "needs your agreement, and nobody can be asked here; pass --yes or --max-cost USD"
    assert ended.returncode == 5
    assert re.search(rf"prep-and-submit: a job in the sandbox {re.escape(sentence)}\n$", ended.stderr)
    assert box.accesses() == ()


ANSWERS = {"yes": (b"y\n", 0, 1), "no": (b"n\n", 5, 0), "nothing": (b"\n", 5, 0), "end of input": (b"\x04", 130, 0)}


@pytest.mark.parametrize("answer", ANSWERS)
def test_one_question_on_a_terminal(box: Sandbox, photo: Path, tmp_path: Path, answer: str) -> None:
    keys, exit_code, billed = ANSWERS[answer]
    code, screen, before = _answer(["run", str(photo), "--prompt", PROMPT, "--duration", "6"], keys, tmp_path, box)
    assert (code, len(box.ledger)) == (exit_code, billed)
    assert before == (), "something arrived before the answer"
    assert screen.count("[y/N]") == 1
    assert screen.index("photo_orient6.jpg") < screen.index("Submit to the sandbox"), "the plan comes first"
    assert screen.count("sandbox, $0.00 (would be $") == 1
    assert "Pay $" not in screen, "nothing in a sandbox reads as money spent"


def test_findings_come_before_the_key(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    out, voice = str(tmp_path / "out"), str(media("voice.mp3"))
    code, _, err = say("run", voice, "--prompt", "@Audio1", "--out", out)
    assert (code, "FAL_KEY" in err) == (1, False)
    assert "audio-without-visual" in err
    photo = str(media("photo.jpg"))
    code, _, err = say("run", photo, "--prompt", "@Image2", "--out", out)
    assert (code, "prompt-tag-out-of-range" in err) == (1, True)
    code, _, err = say("run", photo, "--prompt", "@Image1", "--out", out)
    assert (code, "FAL_KEY is not set" in err) == (5, True)
    assert say("prep", photo, "--out", out)[0] == 0
    code, _, err = say("submit", out, "--prompt", "@Image2")
    assert (code, "prompt-tag-out-of-range" in err) == (1, True)


@pytest.mark.parametrize("command", ["run", "submit"])
def test_nobody_pays_for_the_word_that_stands_for_a_prompt(photo: Path, command: str, say: Say) -> None:
    code, _, err = say(command, str(photo), "--prompt", "TEXT")
    assert (code, "in the place of TEXT" in err) == (2, True)


def test_a_dry_run_needs_no_key_and_makes_nothing(photo: Path, tmp_path: Path) -> None:
    import json

    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAL_")}
    ended = subprocess.run(
        [*COMMAND, "run", str(photo), "--prompt", PROMPT, "--duration", "6", "--dry-run", "--json"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=True,
    )
    data = json.loads(ended.stdout)["data"]
    assert data["dry_run"] is True
    assert data["plan"]["entries"][0]["steps"]
    assert data["request"]["image_urls"] == ["photo_orient6.jpg"]
    assert data["cost"]["max_usd"] >= 1.8144
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_over_the_cap_shows_the_plan_and_the_price(photo: Path, tmp_path: Path, say: Say) -> None:
    arguments = ["run", str(photo), "--prompt", PROMPT, "--duration", "6", "--max-cost", "0.5", "--dry-run"]
    code, out, err = say(*arguments)
    assert code == 5
    assert "encode as JPEG" in out and "Price: $" in out
    assert "is over your $0.50 cap; nothing was submitted" in err


def test_a_job_has_no_id_on_the_screen_before_it_was_agreed_to(photo: Path, tmp_path: Path, say: Say) -> None:
    code, _, _ = say("prep", str(photo), "--out", "ready")
    assert code == 0
    events: list[str] = []

    def agree(proposal: Offer) -> bool:
        events.append("asked")
        return True

    cloud = Cloud()
    submit(
        "ready",
        PROMPT,
        platform=cloud,
        confirm=agree,
        progress=lambda event: events.append(event.stage) if event.stage == "job" else None,
    )
    assert events == ["asked", "job"]


def test_a_dry_run_of_what_is_prepared(photo: Path, tmp_path: Path, say: Say) -> None:
    """Without a key it checks the files and names the price, and leaves no trace in their folder."""
    code, _, _ = say("prep", str(photo), "--out", "ready")
    assert code == 0
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "ready").iterdir())
    proposal = offer_prepared("ready", PROMPT, generation=SIX_SECONDS)
    assert proposal.plan is None
    assert proposal.request.image_urls == ("image1-photo_orient6.jpg",)
    arguments = ["submit", "ready", "--prompt", PROMPT, "--duration", "6", "--aspect-ratio", "16:9", "--dry-run"]
    code, out, err = say(*arguments)
    assert (code, err) == (0, "")
    assert f"Price: {proposal.cost}" in out and "Dry run: nothing was uploaded or paid." in out
    code, out, err = say(*arguments, "--max-cost", "0.5")
    assert (code, f"Price: {proposal.cost}" in out) == (5, True)
    assert "is over your $0.50 cap; nothing was submitted" in err
    assert sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "ready").iterdir()) == before
    assert Journal().jobs() == ()
    (tmp_path / "ready" / "image1-photo_orient6.jpg").write_bytes(photo.read_bytes())
    code, _, err = say(*arguments)
    assert (code, "changed since it was prepared" in err) == (2, True)


def _answer(arguments: list[str], keys: bytes, folder: Path, box: Sandbox) -> tuple[int, str, tuple[str, ...]]:
    """Run the command in a terminal and type *keys* at its question: exit code, screen, what had arrived by then."""
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT, "TERM": "xterm", "COLUMNS": "100"},
        stdin=inner,
        stdout=inner,
        stderr=inner,
    )
    os.close(inner)
    screen, before = b"", None
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux ends a terminal whose other side was closed with EIO
            break
        if not data:
            break
        screen += data
        if before is None and b"[y/N]" in screen:
            before = box.accesses()
            os.write(terminal, keys)
    os.close(terminal)
    assert before is not None, screen.decode(errors="replace")
    return process.wait(60), screen.decode(errors="replace"), before
