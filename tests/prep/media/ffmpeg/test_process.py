"""Programs: output, time limits, cancellation, failure."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prep.errors import Cancelled, ToolError, UnwritableError, UsageError
from prep.media.ffmpeg import process
from prep.media.ffmpeg.limits import limits_for

WAITS_FOREVER = "import signal; print('ready', flush=True); signal.pause()"
LIMITS = limits_for()


def _python(script: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", script, *arguments]


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_each_line_of_stdout_arrives_in_order() -> None:
    lines: list[str] = []
    process.run(_python("for n in range(3): print('line', n)"), limits=LIMITS, on_line=lines.append)
    assert lines == ["line 0", "line 1", "line 2"]


def test_lines_arrive_while_the_program_runs(tmp_path: Path) -> None:
    """The program goes on only after its first line was seen and answered."""
    answer = tmp_path / "answer"
    os.mkfifo(answer)
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if line == "first":
            answer.write_text("go on")

    script = "import sys; print('first', flush=True); print(open(sys.argv[1]).read())"
    process.run(_python(script, str(answer)), limits=LIMITS, on_line=take)
    assert lines == ["first", "go on"]


def test_failure_tells_the_code_and_the_end_of_stderr() -> None:
    script = "import sys; [print('complaint', n, file=sys.stderr) for n in range(100)]; sys.exit(7)"
    with pytest.raises(ToolError) as caught:
        process.run(_python(script), limits=LIMITS)
    assert "exit code 7" in str(caught.value)
    assert "complaint" not in str(caught.value), "another program's text is no message of ours"
    assert caught.value.log.splitlines() == [f"complaint {number}" for number in range(88, 100)]


def test_a_full_disk_is_told_as_one() -> None:
    script = "import os, errno, sys; sys.exit('out.mp4: ' + os.strerror(errno.ENOSPC))"
    with pytest.raises(UnwritableError, match=r"^No space left on device; "):
        process.run(_python(script), limits=LIMITS)


def test_a_full_pipe_blocks_nobody() -> None:
    script = "import sys; sys.stderr.write('x' * 3_000_000); print('y' * 3_000_000)"
    lines: list[str] = []
    process.run(_python(script), limits=LIMITS, on_line=lines.append)
    assert [len(line) for line in lines] == [3_000_000]


def test_bytes_that_are_no_text_are_shown_somehow() -> None:
    script = "import sys; sys.stderr.buffer.write(b'caf\\xe9\\n'); sys.exit(1)"
    with pytest.raises(ToolError) as caught:
        process.run(_python(script), limits=LIMITS)
    assert caught.value.log.startswith("caf")


def test_nothing_is_read_from_our_stdin() -> None:
    lines: list[str] = []
    process.run(_python("import sys; print(repr(sys.stdin.read()))"), limits=LIMITS, on_line=lines.append)
    assert lines == ["''"]


def test_a_deadline_ends_the_program() -> None:
    pids: list[str] = []
    script = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    with pytest.raises(ToolError, match=r"took longer than 1 s"):
        process.run(_python(script), limits=LIMITS._replace(seconds=1.0), on_line=pids.append)
    assert all(_gone(int(pid)) for pid in pids)  # none is there when a busy machine took a second to start it


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process from outside")


@LINUX
def test_memory_ends(tmp_path: Path) -> None:
    script = """
import subprocess
import sys
try:
    bytearray(400_000_000)
except MemoryError:
    sys.exit("Cannot allocate memory")
"""
    process.run(_python(script), limits=LIMITS)
    with pytest.raises(process.TookTooMuchMemory, match="more than 300 MB of memory"):
        process.run(_python(script), limits=LIMITS._replace(memory_bytes=300_000_000))


@LINUX
def test_a_file_ends(tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'wb').write(bytes(3_000_000))"
    with pytest.raises(ToolError):
        process.run(_python(script, str(tmp_path / "a")), limits=LIMITS._replace(file_bytes=1_000_000))
    assert (tmp_path / "a").stat().st_size == 2_000_000


def test_a_program_that_ignores_sigterm_ends_all_the_same() -> None:
    cancel, pids = threading.Event(), []

    def ready(line: str) -> None:
        pids.append(int(line))
        cancel.set()

    script = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(os.getpid(), flush=True)\nwhile True: signal.pause()"
    )
    with pytest.raises(Cancelled):
        process.run(_python(script), limits=LIMITS, on_line=ready, cancel=cancel)
    assert _gone(pids[0])


def test_cancel_ends_it() -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        process.run(_python(WAITS_FOREVER), limits=LIMITS, on_line=lambda line: cancel.set(), cancel=cancel)


def test_cancel_set_before_it_starts() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        process.run(_python(WAITS_FOREVER), limits=LIMITS, cancel=cancel)


def _in_time(call: Callable[[], None], clean: Callable[[], None]) -> BaseException | None:
    """What *call* raises; fails when it is not back within 5 s, and lets it go on by *clean*."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(call)
        try:
            return future.exception(timeout=5)
        except TimeoutError:
            pytest.fail("it still waits, though its program is to be gone")
        finally:
            clean()


def test_a_program_behind_a_wrapper_ends_with_it() -> None:
    """FFMPEG_BINARY may name a shell script: what it started holds our pipes, and works on when only it is killed."""
    inner = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    wrapper = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    cancel, pids = threading.Event(), []

    def ready(line: str) -> None:
        pids.append(int(line))
        cancel.set()

    def clean() -> None:
        if pids and not _gone(pids[0]):
            os.kill(pids[0], signal.SIGKILL)

    def call() -> None:
        process.run(_python(wrapper, inner), limits=LIMITS, on_line=ready, cancel=cancel)

    assert isinstance(_in_time(call, clean), Cancelled)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_callback_that_fails_ends_the_program_and_is_heard_of() -> None:
    """The caller's progress callback runs here; when it raises, nobody reads the pipe any more."""
    pids: list[int] = []

    def fails(line: str) -> None:
        pids.append(int(line))
        raise RuntimeError("the terminal is gone")

    def clean() -> None:
        if pids and not _gone(pids[0]):
            os.kill(pids[0], signal.SIGKILL)

    script = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    error = _in_time(lambda: process.run(_python(script), limits=LIMITS, on_line=fails), clean)
    assert error is not None


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no-such-program can't be run: No such file or directory; raise"):
        process.run([str(tmp_path / "no-such-program")], limits=LIMITS)


KILLED = """
import subprocess
import sys
from prep.media.ffmpeg import process
from prep.media.ffmpeg.limits import limits_for
process.run(["sh", "-c", "echo $$; exec sleep 1000"], limits=limits_for(), on_line=lambda line: print(line, flush=True))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a program with its parent")
def test_a_program_ends_when_we_are_killed() -> None:
    with subprocess.Popen(_python(KILLED), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        program = int(parent.stdout.readline())
        assert not _gone(program)
        parent.kill()
    deadline = time.monotonic() + 30
    while not _gone(program) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert _gone(program)


def test_a_program_has_no_network() -> None:
    way = ["--net"] if os.geteuid() == 0 else ["--user", "--net"]
    if subprocess.run(["unshare", *way, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets no process give up its network")
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        attempt = f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})))"
        process.run(_python(attempt), limits=limits_for(), on_line=lines.append)
    assert lines == [str(errno.ENETUNREACH)]


def test_a_program_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoders are fed by strangers, and need none."""
    for name in ("FAL_KEY", "AWS_SECRET_ACCESS_KEY", "MY_TOKEN"):
        monkeypatch.setenv(name, "secret")
    lines: list[str] = []
    process.run(_python("import os; print(*os.environ)"), limits=LIMITS, on_line=lines.append)
    assert "PATH" in lines[0] and not any(name in lines[0] for name in ("FAL", "AWS", "TOKEN"))
