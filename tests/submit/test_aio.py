"""The twins for programs with an event loop."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import prepare
from prep.model.progress import Progress
from submit import aresume, arun, asubmit
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud

Media = Callable[[str], Path]


def test_the_whole_way(media: Media, cloud: Cloud, tmp_path: Path) -> None:
    events: list[tuple[str, int]] = []

    def told(event: Progress) -> None:
        events.append((event.stage, threading.get_ident()))

    async def main() -> None:
        outcome = await arun(
            [media("at_limit_300.png")], "@Image1", out=tmp_path / "out", platform=cloud, progress=told
        )
        assert outcome.result is not None and Path(outcome.result.path).read_bytes() == b"the video"
        assert await aresume(outcome.job, platform=cloud) == outcome.result

    asyncio.run(main())
    assert {"prepare", "upload", "job", "download"} <= {stage for stage, _ in events}
    assert {thread for _, thread in events} == {threading.get_ident()}


def test_submit_and_wait(media: Media, cloud: Cloud, tmp_path: Path) -> None:
    prepare([media("at_limit_300.png")], out=tmp_path / "out")

    async def main() -> None:
        handle = await asubmit(tmp_path / "out", "@Image1", platform=cloud)
        assert handle.request_id == "abc-123"
        assert Path((await handle.result()).path).is_file()

    asyncio.run(main())
    assert len(cloud.posts) == 1


def test_a_cancelled_task_leaves_the_job_running(media: Media, cloud: Cloud, tmp_path: Path) -> None:
    cloud.states = [State(status="running")]
    polled = threading.Event()
    cloud.on_state = polled.set

    async def main() -> None:
        task = asyncio.create_task(
            arun([media("at_limit_300.png")], "@Image1", out=tmp_path / "out", platform=cloud, poll_s=0.01)
        )
        await asyncio.to_thread(polled.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert cloud.cancelled == []
        [job] = Journal().jobs()
        assert job.state == "submitted"
        cloud.states = [State(status="completed")]
        assert Path((await aresume(job.id, platform=cloud)).path).is_file()

    asyncio.run(main())
    assert len(cloud.posts) == 1


def test_many_at_once(media: Media, cloud: Cloud, tmp_path: Path) -> None:
    """More than the loop's own pool has threads: nobody waits for a place."""
    count = 40
    arrived, everybody = threading.Semaphore(0), threading.Event()
    prepare([media("at_limit_300.png")], out=tmp_path / "ready")

    def wait_for_all() -> None:
        arrived.release()
        assert everybody.wait(60)

    async def main() -> None:
        handles = [await asubmit(tmp_path / "ready", "@Image1", platform=cloud, again=True) for _ in range(count)]
        cloud.on_state = wait_for_all
        waiting = [asyncio.create_task(handle.result()) for handle in handles]
        for _ in range(count):
            await asyncio.to_thread(arrived.acquire)
        everybody.set()
        results = await asyncio.gather(*waiting)
        assert len({result.path for result in results}) == count

    asyncio.run(main())
