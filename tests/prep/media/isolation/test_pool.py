"""Workers: what a file does to one is an error about that file, and nothing else notices."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import submit.errors  # noqa: F401  its errors must be known where a worker names them
from prep import check
from prep.errors import Cancelled, NonCompliantError, ToolError, UnreadableError, UsageError
from prep.media.io.in_memory import ContentCopy
from prep.media.isolation.pool import Pool
from tests.prep.media.isolation import deeds

WAIT_S = 30.0


@pytest.fixture
def pool() -> Iterator[Pool]:
    one = Pool(1)
    yield one
    one.close()


def call(pool: Pool, function: Callable[..., Any], *arguments: Any, seconds: float = 60.0) -> Any:
    return pool.call(function, *arguments, label="a.png", cancel=threading.Event(), seconds=seconds)


def test_a_worker_is_another_process_and_is_used_again(pool: Pool) -> None:
    first, second = call(pool, deeds.process_of, "ä"), call(pool, deeds.process_of, "b")
    assert first == (second[0], "ä")
    assert first[0] != os.getpid()


def test_a_worker_outlives_the_thread_that_needed_it(pool: Pool) -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(call, pool, deeds.process_of, "a").result(WAIT_S)
    assert call(pool, deeds.process_of, "a") == first


@pytest.mark.parametrize(
    ("deed", "arguments", "message"),
    [
        (deeds.crash, (signal.SIGSEGV,), "a.png: the decoder crashed on it: it is damaged; use another copy"),
        (deeds.crash, (signal.SIGABRT,), "a.png: the decoder crashed on it: it is damaged; use another copy"),
        (deeds.leave, (), "a.png: the decoder crashed on it: it is damaged; use another copy"),
        (deeds.spin, (), "a.png: reading it took more than 1 s; export it again, or shorter"),
        (deeds.sleep, (), "a.png: reading it took more than 1 s; export it again, or shorter"),
        (deeds.hoard, (3 * 1024**3,), "a.png: reading it takes more than 2 GB of memory; make it smaller"),
    ],
    ids=["crashes", "aborts", "ends", "spins", "hangs", "takes memory"],
)
def test_what_a_file_does_is_its_own_error(
    pool: Pool, deed: Callable[..., Any], arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(UnreadableError) as error:
        call(pool, deed, *arguments, seconds=1.0)
    assert str(error.value) == message
    assert call(pool, deeds.process_of, "goes on")[1] == "goes on"


def test_half_an_answer_is_not_waited_for(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prep.media.isolation.pool.STALL_S", 1)
    with pytest.raises(UnreadableError, match=r"a\.png: the decoder crashed"):
        call(pool, deeds.say_half)
    assert call(pool, deeds.process_of, "goes on")[1] == "goes on"


COPIES = """
import os, sys, threading
secret = os.open(sys.argv[1], os.O_RDONLY)
os.dup2(secret, 77)
from prep.media.isolation.pool import Pool
from tests.prep.media.isolation import deeds
pool = Pool(2)
pool.fork_all()
for _ in range(2):
    print(*pool.call(deeds.belongings, label="a.png", cancel=threading.Event()), file=sys.stderr)
    pool._idle.reverse()
pool.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there a worker is a copy of its caller")
def test_a_copy_of_its_caller_has_neither_its_files_nor_its_keys(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    environment = {**os.environ, "FAL_KEY": "the-key-itself"}
    command = [sys.executable, "-c", COPIES, str(secret)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, pass_fds=[])
    assert done.stderr.count("PATH=") >= 2
    assert "the-key-itself" not in done.stderr and "secret.txt" not in done.stderr
    assert all(line.count("socket:") == 1 for line in done.stderr.splitlines())


def test_a_worker_has_no_network(pool: Pool) -> None:
    way = ["--net"] if os.geteuid() == 0 else ["--user", "--net"]
    if subprocess.run(["unshare", *way, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets no process give up its network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        deeds.connect(port)
        with pytest.raises(OSError, match=r"unreachable|denied"):
            call(pool, deeds.connect, port)


def test_a_worker_reaches_no_other_process(pool: Pool) -> None:
    if not _has_landlock():
        pytest.skip("this system has no Landlock that knows of signals")
    deeds.ask_for(os.getppid())
    with pytest.raises(OSError, match="not permitted"):
        call(pool, deeds.ask_for, os.getpid())


def test_a_worker_can_not_read_the_environment_of_its_caller(pool: Pool) -> None:
    """That of this process, as root as well, whose rights go beyond Landlock's. A caller's key may be in it."""
    if not _has_landlock():
        pytest.skip("this system has no Landlock that knows of other processes")
    assert b"=" in deeds.environment_of(os.getpid())
    with pytest.raises(OSError, match="denied"):
        call(pool, deeds.environment_of, os.getpid())


def _has_landlock() -> bool:
    trial = "import sys; from prep.media.isolation.landlock import leave_others; sys.exit(not leave_others())"
    return subprocess.run([sys.executable, "-c", trial], check=False).returncode == 0


def test_memory_within_the_limit_is_given(pool: Pool) -> None:
    assert call(pool, deeds.hoard, 1024**3) == 1024**3


def test_a_file_over_the_limit_is_not_written(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises((OSError, UnreadableError)):
        call(pool, deeds.grow_file, str(tmp_path / "large"), 3 * 1024**3)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("unreadable", UnreadableError, "a.png: cut"),
        ("tool", ToolError, "a.mp4: failed"),
        ("findings", NonCompliantError, "nothing was made: image-too-large"),
        ("system", OSError, "[Errno 28] No space left on device: 'a.wav'"),
        ("other", RuntimeError, "ValueError: bad box"),
    ],
)
def test_an_error_comes_back_as_it_was(pool: Pool, name: str, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as error:
        call(pool, deeds.fail, name)
    assert str(error.value) == text
    if isinstance(error.value, ToolError):
        assert error.value.log == "line"
    if isinstance(error.value, NonCompliantError):
        assert [finding.rule for finding in error.value.findings] == ["image-too-large"]


def test_content_is_read_where_it_is(pool: Pool) -> None:
    content = ContentCopy(b"0123456789", "clip")
    try:
        assert call(pool, deeds.read, content, 3, 4) == "clip: b'3456' of 10"
    finally:
        content.close()


def test_progress_comes_back(pool: Pool) -> None:
    parts: list[float] = []
    assert call(pool, deeds.report_thrice, lambda part: parts.append(part), threading.Event()) is False  # noqa: PLW0108
    assert parts == [0.25, 0.5, 1.0]


def test_cancelling_ends_the_work(pool: Pool) -> None:
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(pool.call, deeds.spin, label="a.png", cancel=cancel)
        cancel.set()
        with pytest.raises(Cancelled):
            future.result(WAIT_S)


def test_the_working_directory_is_the_callers(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(pool, deeds.where)
    monkeypatch.chdir(tmp_path)
    assert call(pool, deeds.where) == str(tmp_path.resolve())


def test_keys_do_not_reach_it(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "id:secret")
    assert call(pool, deeds.secret) == "nothing"


def test_an_answer_of_another_type_is_refused(pool: Pool) -> None:
    with pytest.raises(UnreadableError):
        call(pool, deeds.lie)


@pytest.mark.parametrize("part", ["NaN", "Infinity", "1e400", "-0.1", "1.1", '"x"', "[]"])
def test_progress_that_is_none(pool: Pool, part: str) -> None:
    parts: list[float] = []
    with pytest.raises(UnreadableError, match="crashed"):
        call(pool, deeds.say, f"P[0, {part}]".encode(), lambda part: parts.append(part))  # noqa: PLW0108
    assert parts == []


@pytest.mark.parametrize("kind", ["Cancelled", "RefusedError", "SubmitUncertain", "Refusal", "PrepError", "NoSuchJob"])
def test_an_error_that_no_file_causes(pool: Pool, kind: str) -> None:
    """A worker that was taken over can't say that the user stopped the work, or what the platform answered."""
    with pytest.raises(RuntimeError, match=f"{kind}: mine"):
        call(pool, deeds.say, b"F" + json.dumps({"type": kind, "text": "mine"}).encode(), print)


@pytest.mark.parametrize("field", ["errno", "strerror", "filename"])
def test_an_error_of_the_system_with_odd_values(pool: Pool, field: str) -> None:
    fields = {"type": "OSError", "text": "", "errno": 5, "strerror": "I/O error", "filename": "a.png", field: [{}]}
    with pytest.raises(OSError, match=r"\[Errno") as error:
        call(pool, deeds.say, b"F" + json.dumps(fields).encode(), print)
    assert isinstance(error.value.errno, int | None)
    assert isinstance(error.value.strerror, str)


PARENT = """
import sys, threading
from prep.media.isolation.pool import Pool
from tests.prep.media.isolation import deeds
Pool(1).call(deeds.wait_for_orphan, sys.argv[1], label="a", cancel=threading.Event())
"""


@pytest.mark.parametrize(
    "is_stopped",
    [
        False,
        pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux kills what is stopped")),
    ],
    ids=["running", "stopped"],
)
def test_a_worker_ends_with_its_parent(tmp_path: Path, is_stopped: bool) -> None:
    note = tmp_path / "pid"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", PARENT, str(note)], env=environment) as parent:
        number = _until(lambda: note.exists() and note.read_text("ascii"))
        if is_stopped:
            os.kill(int(number), signal.SIGSTOP)
        parent.kill()
    assert _until(lambda: not _runs(int(number)))


def _until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAIT_S
    while not (value := condition()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return value


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_both_ways_say_the_same(media: Callable[[str], Path]) -> None:
    files = [media(name) for name in ("photo.heic", "panorama.png", "clip_720p.mp4", "song_20s.mp3")]
    apart, here = (check(files, isolation=where).model_dump() for where in ("process", "none"))  # type: ignore[arg-type]
    assert apart == here


def test_bytes_are_checked_in_a_worker(media: Callable[[str], Path]) -> None:
    report = check([media("photo.jpg").read_bytes(), media("clip_720p.mp4").read_bytes()])
    assert [item.info.kind for item in report.references] == ["image", "video"]


def test_another_word_is_refused(media: Callable[[str], Path]) -> None:
    with pytest.raises(UsageError, match="isolation: should be 'process' or 'none', not 'thread'"):
        check([media("photo.jpg")], isolation="thread")  # type: ignore[arg-type]


def test_nothing_is_imported_from_where_the_media_lie(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert call(pool, deeds.process_of, "safe")[1] == "safe"


def test_a_worker_that_ended_meanwhile_is_nobodys_fault(pool: Pool) -> None:
    pid, _ = call(pool, deeds.process_of, "a")
    os.kill(pid, signal.SIGKILL)
    assert _until(lambda: not _runs(pid))
    assert call(pool, deeds.process_of, "b")[1] == "b"


def test_a_slow_source_is_cancelled_too(pool: Pool) -> None:
    cancel = threading.Event()
    content = _Slow(cancel)
    with pytest.raises(Cancelled):
        pool.call(deeds.read_often, content, label="a.png", cancel=cancel)
    assert content.reads < 1000


class _Slow(ContentCopy):
    """Cancels the call once a few bytes were read."""

    def __init__(self, cancel: threading.Event) -> None:
        super().__init__(b"0123456789", "slow")
        self.reads = 0
        self._cancel = cancel

    def read_at(self, offset: int, length: int) -> bytes:  # noqa: ARG002
        self.reads += 1
        if self.reads == 3:
            self._cancel.set()
            self.close()
        return b"0"


def test_a_worker_is_killed_once(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is collected, its number may be that of another process."""
    killed: list[int] = []
    kill = os.kill

    def spy(pid: int, number: int) -> None:
        killed.append(pid)
        kill(pid, number)

    pid, _ = call(pool, deeds.process_of, "a")
    monkeypatch.setattr(os, "kill", spy)
    with pytest.raises(UnreadableError):
        call(pool, deeds.leave)
    assert killed == [pid]
