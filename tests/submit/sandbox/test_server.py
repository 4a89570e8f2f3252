"""Start and end of a sandbox."""

import os
import subprocess
import sys
import threading
from importlib import util
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from prep.errors import UsageError
from submit.sandbox import running
from submit.sandbox.server import MARK


def test_it_leaves_nothing() -> None:
    before = threading.active_count()
    with running() as box:
        directory = box.directory
        assert directory.is_dir()
    assert not directory.exists()
    assert threading.active_count() == before


def test_a_directory_that_was_named_stays(tmp_path: Path) -> None:
    with running(tmp_path / "new" / "box") as box:
        assert box.directory == (tmp_path / "new" / "box").resolve()
    assert (tmp_path / "new" / "box" / "files").is_dir()
    assert not (tmp_path / "new" / "box" / "scratch").exists()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with running() as box:
        port = urlsplit(box.env["HTTPS_PROXY"]).port
        with pytest.raises(UsageError, match=f"port {port}"), running(port=port or 0):
            pass


@pytest.mark.parametrize("in_the_way", ["", "files", "ca.pem/x"])
def test_a_folder_that_can_not_be_used(tmp_path: Path, in_the_way: str) -> None:
    path = tmp_path / "box" / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("here is a file")
    if in_the_way:
        (tmp_path / "box" / MARK).touch()
    with pytest.raises(UsageError, match="box: can't be used by a sandbox: "), running(tmp_path / "box"):
        pass


def test_a_folder_of_the_users_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="name an empty folder"), running(tmp_path):
        pass
    assert [path.name for path in tmp_path.rglob("*")] == ["scratch", "thesis.txt"]


def test_a_missing_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = util.find_spec
    monkeypatch.setattr("submit.loopback.find_spec", lambda name: None if name == "trustme" else find(name))
    with pytest.raises(UsageError, match=r"trustme; pip install 'prep-and-submit\[sandbox\]'"), running():
        pass


def test_the_import_alone_needs_no_extra() -> None:
    script = (
        "import sys, submit.sandbox\n"
        "assert not {'starlette', 'uvicorn', 'trustme', 'av', 'PIL', 'fal_client'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=30, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )


def test_no_key_and_no_exception_of_the_shell_gets_past() -> None:
    with running() as box:
        assert box.env["FAL_KEY"] == "sandbox:this-is-not-a-key"
        assert box.env["NO_PROXY"] == box.env["no_proxy"] == ""
        assert box.env["FAL_KEY_ID"] == box.env["FAL_KEY_SECRET"] == ""
        assert Path(box.env["SSL_CERT_FILE"]).is_file()
