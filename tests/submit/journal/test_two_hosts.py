"""Two hosts and one journal in PostgreSQL: processes that share neither files, nor locks, nor a network interface.

One host reaches the server by its socket, the other by TCP and with a password; the ledger says what was paid.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from submit import resume
from submit.batches.results.folder import NOTE, open_folder
from submit.journal import Journal
from submit.platform import SANDBOX_ACCOUNT
from submit.sandbox import Sandbox
from tests.postgres_server import PostgresServer
from tests.soak.batch import PRICE, ROOT

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")]
BATCH = str(ROOT / "tests" / "soak" / "batch_driver.py")
RUN = str(ROOT / "tests" / "submit" / "job" / "killed.py")
Program = subprocess.Popen[bytes]


class Host(NamedTuple):
    """A host: its folder, and its way to the journal."""

    folder: Path
    state: str

    def start(self, driver: str, *arguments: object, **environment: str) -> Program:
        own = {name: str(self.folder / name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR")}
        for path in own.values():
            Path(path).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, driver, *map(str, arguments)]
        return subprocess.Popen(
            command, env={**os.environ, **own, **environment, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
        )


@pytest.fixture
def hosts(postgres_server: PostgresServer, tmp_path: Path) -> tuple[Host, Host]:
    return (
        Host(tmp_path / "one", postgres_server.by_socket("test")),
        Host(tmp_path / "two", postgres_server.by_port("test")),
    )


def _ended(*programs: Program, code: int = 0) -> None:
    try:
        for program in programs:
            _, err = program.communicate(timeout=200)
            assert program.returncode == code, err.decode()
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def _billed(box: Sandbox) -> Decimal:
    return sum((entry.usd for entry in box.ledger), Decimal(0))


def test_two_drivers_keep_one_budget(hosts: tuple[Host, Host], box: Sandbox, media: Callable[[str], Path]) -> None:
    """Each has a folder of its own, so that no lock of a file keeps them apart."""
    jobs = hosts[0].folder.parent / "jobs.csv"
    rows = [f"row{row},@Image1 dances {row},{media('at_limit_300.png')},4,480p,1:1,{row}" for row in range(6)]
    jobs.write_text("\n".join(["id,prompt,ref1,duration,resolution,aspect_ratio,seed", *rows]) + "\n")
    note = open_folder(hosts[0].folder / "out", SANDBOX_ACCOUNT, Journal(hosts[0].state), 6, "")
    (hosts[1].folder / "out").mkdir(parents=True)
    shutil.copy(hosts[0].folder / "out" / NOTE, hosts[1].folder / "out")
    budget = PRICE * Decimal("3.9")
    _ended(*(host.start(BATCH, jobs, host.folder / "out", host.state, budget, 3, "local") for host in hosts))
    assert (_billed(box), len(box.ledger)) == (PRICE * 3, 3)
    assert Journal(hosts[0].state).spent_usd(note.id) == PRICE * 3
    _ended(*(host.start(BATCH, jobs, host.folder / "out", host.state, PRICE * 6, 3, "local") for host in hosts))
    assert (_billed(box), len(box.ledger), len(box.requests())) == (PRICE * 6, 6, 6)
    for host in hosts:
        assert len(list((host.folder / "out").glob("row*/result-*.mp4"))) == 6


def test_of_two_hosts_that_begin_the_same_job_one_pays(
    hosts: tuple[Host, Host], box: Sandbox, media: Callable[[str], Path]
) -> None:
    reference = media("at_limit_300.png")
    _ended(*(host.start(RUN, "never", host.state, host.folder / "out", reference) for host in hosts))
    assert len(box.ledger) == len(box.requests()) == 1
    assert [len(list((host.folder / "out").glob("result-*.mp4"))) for host in hosts] == [1, 1]
    assert len(Journal(hosts[0].state).jobs()) == 1


@pytest.mark.parametrize("point", ["after:uploaded", "after:post", "after:submitted"])
def test_the_job_of_a_host_that_is_gone_is_taken_over(
    hosts: tuple[Host, Host], box: Sandbox, media: Callable[[str], Path], point: str
) -> None:
    """With its disk."""
    first, second = hosts
    reference = media("at_limit_300.png")
    _ended(first.start(RUN, point, first.state, first.folder / "out", reference), code=-signal.SIGKILL)
    shutil.rmtree(first.folder)
    while box.totals().unfinished:  # the platform lists what has ended
        pass
    _ended(second.start(RUN, "never", second.state, second.folder / "out", reference))
    assert len(box.ledger) == len(box.requests()) == 1
    assert len(list((second.folder / "out").glob("result-*.mp4"))) == 1


def test_a_host_that_was_cut_off_comes_back(
    hosts: tuple[Host, Host], box: Sandbox, postgres_server: PostgresServer, media: Callable[[str], Path]
) -> None:
    """The server gives its claims away while its request is under way. It pays for nothing, and gets its video."""
    first, second = hosts
    reference = media("at_limit_300.png")
    late = first.start(RUN, "after:post", first.state, first.folder / "out", reference, KILLED_BY="SIGSTOP")
    os.waitpid(late.pid, os.WUNTRACED)
    postgres_server.cut()  # as the server does when its probes are not answered
    postgres_server.mend()
    while box.totals().unfinished:
        pass
    _ended(second.start(RUN, "never", second.state, second.folder / "out", reference))
    late.send_signal(signal.SIGCONT)
    _ended(late)
    assert len(box.ledger) == len(box.requests()) == 1
    [job] = Journal(first.state).jobs()
    assert "uncertain" in [moment.state for moment in job.history]
    assert Path(resume(job.id, state=first.state).path).is_file()
    assert [len(list((host.folder / "out").glob("result-*.mp4"))) for host in hosts] == [1, 1]
