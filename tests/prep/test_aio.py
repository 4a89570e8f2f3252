"""The library where an event loop runs: cancellation, progress, errors, and many callers at once."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prep import Progress, acheck, aplan, aprepare, check, plan, prepare
from prep.aio import twin
from prep.errors import Cancelled, UnreadableError, UsageError
from tests.types import Media


def _programs() -> set[str]:
    """The programs that this process has started and that still run."""
    names = set()
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            names.add(Path(f"/proc/{pid}/comm").read_text().strip())
    return names


def test_the_twins_answer_the_same(media: Media, tmp_path: Path) -> None:
    references = [media("photo_orient6.jpg"), media("clip_720p.mp4")]

    async def ask() -> None:
        assert await acheck(references, prompt="@Image1") == check(references, prompt="@Image1")
        assert await aplan(references) == plan(references)
        made = await aprepare(references, out=tmp_path / "a")
        assert [entry.output for entry in made.entries] == [
            entry.output for entry in prepare(references, out=tmp_path / "b").entries
        ]

    asyncio.run(ask())


def test_a_plan_is_carried_out(media: Media, tmp_path: Path) -> None:
    async def work() -> None:
        planned = await aplan([media("photo_orient6.jpg")])
        manifest = await aprepare(planned, out=tmp_path / "out")
        assert manifest.entries[0].steps == planned.entries[0].steps

    asyncio.run(work())


def test_errors_are_the_same(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no such file"):
        asyncio.run(acheck([tmp_path / "none.png"]))
    with pytest.raises(UsageError, match="no references"):
        asyncio.run(aprepare([], out=tmp_path / "out"))


def test_progress_comes_in_the_event_loop(media: Media, tmp_path: Path) -> None:
    events: list[tuple[int, Progress]] = []
    main = threading.get_ident()

    async def work() -> None:
        await aprepare(
            [media("photo_orient6.jpg"), media("portrait_rot90.mov")],
            out=tmp_path / "out",
            progress=lambda event: events.append((threading.get_ident(), event)),
        )

    asyncio.run(work())
    assert {thread for thread, _ in events} == {main}
    for tag in ("@Image1", "@Video1"):
        parts = [event.part for _, event in events if (event.stage, event.tag) == ("prepare", tag)]
        assert (parts[0], parts[-1], parts) == (0.0, 1.0, sorted(parts))


def test_a_cancelled_task_leaves_no_ffmpeg_and_no_file(media: Media, tmp_path: Path) -> None:
    started: list[str] = []

    async def work() -> None:
        begun = asyncio.Event()

        def progress(event: Progress) -> None:
            if event.stage == "prepare" and event.part > 0:
                started.extend(_programs())
                begun.set()

        task = asyncio.create_task(aprepare([media("clip_1080p_20s.mp4")], out=tmp_path / "out", progress=progress))
        await begun.wait()
        task.cancel()
        task.cancel()  # an impatient caller
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not any(name.startswith("ffmpeg") for name in _programs())
        assert list(tmp_path.iterdir()) == []

    asyncio.run(work())
    assert any(name.startswith("ffmpeg") for name in started)


def test_a_time_limit_is_a_cancellation(media: Media, tmp_path: Path) -> None:
    async def work() -> None:
        async with asyncio.timeout(0):
            await aprepare([media("clip_1080p_20s.mp4")], out=tmp_path / "out")

    with pytest.raises(TimeoutError):
        asyncio.run(work())
    assert list(tmp_path.iterdir()) == []


def test_a_progress_that_raises_stops_the_work(media: Media, tmp_path: Path) -> None:
    def broken(event: Progress) -> None:
        raise ZeroDivisionError(event.label)

    with pytest.raises(ZeroDivisionError, match="clip_1080p_20s"):
        asyncio.run(aprepare([media("clip_1080p_20s.mp4")], out=tmp_path / "out", progress=broken))
    assert list(tmp_path.iterdir()) == []


def test_the_loop_goes_on_meanwhile() -> None:
    """The call waits for something that only the loop can do."""
    turn = threading.Event()

    def call() -> str:
        assert turn.wait(60)
        return "done"

    async def work() -> str:
        asyncio.get_running_loop().call_soon(turn.set)
        return await twin(call)()

    assert asyncio.run(work()) == "done"


@pytest.mark.parametrize("call", [check, plan], ids=lambda call: str(call.__name__))
def test_a_question_can_be_cancelled(media: Media, call: Callable[..., object]) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        call([media("photo.jpg")], cancel=cancel)


def test_many_threads_at_once(media: Media, tmp_path: Path) -> None:
    names = ["photo_orient6.jpg", "photo_display_p3.jpg", "photo.heic", "panorama.png", "short_1s.wav"]
    references = [str(media(name)) for name in names]
    alone = prepare(references, out=tmp_path / "alone")

    def one(number: int) -> list[str]:
        assert check(references).totals.files == len(names)
        manifest = prepare(references, out=tmp_path / str(number))
        return [entry.output.sha256 for entry in manifest.entries]

    with ThreadPoolExecutor(max_workers=6) as pool:
        made = list(pool.map(one, range(6)))
    assert made == [[entry.output.sha256 for entry in alone.entries]] * 6


def test_many_tasks_at_once(media: Media) -> None:
    async def work() -> None:
        reports = await asyncio.gather(*(acheck([media("photo_gps.jpg")]) for _ in range(40)))
        assert len({report.model_dump_json() for report in reports}) == 1

    asyncio.run(work())
