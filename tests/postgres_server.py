"""A PostgreSQL server for tests: on a socket in a folder of its own, and on a port of the loopback interface."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.ports import free_ports
from tests.programs import program

USER, PASSWORD = "worker", "s3cr3t%2Fp"  # as it is written in an address
STARTED_S = 30.0


class PostgresServer:
    """A server that runs. *address* is that of its first database, by the socket."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._bin = folder, Path(program("postgres")).resolve().parent
        # root may not run a server; Debian's package has a user for it
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        (self.port,) = free_ports(1)
        secret = folder / "password"
        secret.write_text(PASSWORD.replace("%2F", "/"))
        secret.chmod(0o644)
        self._call(
            "initdb", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8", "-U", USER, f"--pwfile={secret}",
            "--auth-local=trust", "--auth-host=scram-sha-256", "-D", str(folder / "data"),
        )  # fmt: skip
        self.start()

    def _call(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / name), *arguments], user=self._user, cwd=self._folder, check=True, capture_output=True
        )

    def start(self) -> None:
        options = {
            "unix_socket_directories": self._folder,
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "fsync": "off",
            "max_connections": 60,
        }
        command = [str(self._bin / "postgres"), "-D", str(self._folder / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self._user, cwd=self._folder, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                psycopg.connect(self.by_socket("postgres")).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail((self._folder / "log").read_text()[-2000:], pytrace=False)
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once, as a crash does: every connection is lost."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def by_socket(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self._folder}&port={self.port}"

    def by_port(self, name: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run *statement* past the product, in the database *name*."""
        with psycopg.connect(self.by_socket(name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def cut(self, name: str = "test") -> None:
        """Lose every connection to a database, and take no new one until `mend`."""
        self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.lose_connections(name)

    def lose_connections(self, name: str = "test") -> None:
        self.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")

    @contextmanager
    def frozen(self, name: str = "test") -> Iterator[None]:
        """The server keeps its connections, and answers nothing."""
        found = self.execute(f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'")
        pids = [self._process.pid, *(pid for (pid,) in found)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def mend(self, name: str = "test") -> None:
        self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgresServer]:
    # a short name: the path of a socket has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = PostgresServer(Path(folder))
        server.execute("CREATE DATABASE test")
        yield server
        server.stop()


@pytest.fixture
def postgres_server(running_postgres: PostgresServer) -> PostgresServer:
    """A server whose database `test` is empty."""
    running_postgres.mend()
    running_postgres.lose_connections()
    running_postgres.execute("DROP SCHEMA IF EXISTS prep_and_submit CASCADE", "test")
    return running_postgres


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres_server.by_socket("test")
