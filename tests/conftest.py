"""Fixtures for all tests: media, working folders, one reference at a time through the real tools."""

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import fixtures.make
from prep import Options, prepare
from prep.inputs.parse import parse_reference
from prep.model.manifest import ManifestEntry
from tests.object_stores import moto, seaweed, seaweed_env, storage  # noqa: F401
from tests.prep.net.site import authority, internet, intranet, site, trusted  # noqa: F401  fixtures for all rooms
from tests.types import Made, Media, Say

if TYPE_CHECKING:
    from submit.sandbox import Sandbox

pytest_plugins = ("tests.checkout", "tests.programs", "tests.postgres_server")
ROOT = Path(__file__).parents[1]


SOUNDS = (".mp3", ".wav", ".m4a", ".flac", ".ogg", ".opus", ".amr", ".aac", ".aiff", ".caf", ".wma")


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    """`media("photo.jpg")` is the path of a fixture (fixtures/README.md), made on first use. Never write to it."""
    digest = hashlib.sha256()
    for source in sorted(Path(fixtures.make.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = _run_folder(tmp_path_factory).parent / f"media-{digest.hexdigest()[:12]}"

    def path_of(name: str) -> Path:
        return fixtures.make.make(name, folder)

    return path_of


def _run_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of this run of the tests, in which each worker has one of its own."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(autouse=True)
def own_place(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journal, caches and working directory are the test's own, so that it finds and leaves nothing elsewhere."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.delenv("PREP_AND_SUBMIT_STATE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for `python -m` in other processes


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Sandbox"]:
    """A sandbox that runs, and the variables that lead fal_client to it."""
    from submit.sandbox import running

    with running(tmp_path / "sandbox", queue_s=0.02) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
def made(media: Media, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """`made("clip_720p.mp4#t=1,3")` prepares a fixture (or an absolute path) and returns its file and manifest entry.

    What several tests make of a fixture is made once in a run. *beside* are fixtures that go first; a sound gets a
    small image, since sound alone is refused.
    """

    def prepared(ref: str | Path, beside: tuple[str, ...] = (), **options: Any) -> tuple[Path, ManifestEntry]:
        name, mark, fragment = str(ref).partition("#")
        own = Path(name).is_absolute()
        path = Path(name) if own else media(name)
        cache = None if own else _run_folder(tmp_path_factory) / "made"
        reference = parse_reference(f"{path}{mark}{fragment}", lambda text: Path(text).exists())
        sound = reference.track == "audio" or path.suffix in SOUNDS
        beside += ("at_limit_300.png",) if sound or name == "audio_only.mp4" else ()
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        manifest = prepare([*map(media, beside), reference], out=out, options=Options(**options), cache=cache)
        entry = manifest.entries[-1]
        return out / entry.output.path, entry

    return prepared


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """`say("check", "photo.jpg")` calls the command in this process: its exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        from submit.command import main

        monkeypatch.setattr(sys, "argv", ["prep-and-submit", *arguments])
        return (main(), *capsys.readouterr())

    return call


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A command that is called in this process may leave Ctrl-C ignored, also for the programs it starts later."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)
