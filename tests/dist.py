"""Wheel and sdist: builds them in dist/, checks them for stray files, and tries the wheel in a bare environment and by
the commands of Containerfile.

`make dist` runs it. pip takes the dependencies from its index, in the versions that requirements.txt pins.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import fixtures.make
from prep import __version__
from prep.inputs.folder import MEDIA
from tests.checkout import ROOT, tracked_files
from tests.container import try_containerfile

PACKAGES = ("prep", "submit")
SHIPPED = {".py", ".toml", ".html", ".css", ".js", ".svg", ".typed"}
TOP_LEVELS = {
    *PACKAGES,
    *("benchmarks", "docs", "fixtures", "tests", ".ci"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "PKG-INFO", "README.md"),
    *(".containerignore", ".gitignore", ".pre-commit-hooks.yaml", "Containerfile", "pyproject.toml"),
    *("requirements-image.txt", "requirements.txt"),
}
MACHINE = re.compile(rb"pytest-of[-]|/(?:home|Users)/(?!me/)\w|" + re.escape(bytes(ROOT)))
SPOKEN = "tests/prep/media/analysis/spoken.opus"  # no voice can be made without a synthesizer


def main() -> None:
    wheel, sdist = build(ROOT / "dist")
    problems = [*wheel_problems(contents(wheel)), *sdist_problems(contents(sdist))]
    if problems:
        sys.exit("\n".join(problems))
    with TemporaryDirectory() as folder:
        try_wheel(wheel, Path(folder))
    if sys.platform == "linux":
        with TemporaryDirectory() as folder:
            try_image(Path(folder))
    names = f"{wheel.relative_to(ROOT)} and {sdist.relative_to(ROOT)}"
    print(f"{names}: no stray files; the wheel works by itself, and as in Containerfile")


def build(folder: Path) -> tuple[Path, Path]:
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    name = f"prep_and_submit-{__version__}"
    return folder / f"{name}-py3-none-any.whl", folder / f"{name}.tar.gz"


def contents(archive: Path) -> dict[str, bytes]:
    """Every file of a wheel or an sdist by its name; those of an sdist without its one folder."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sdist:
        files = [(member.name.partition("/")[2], sdist.extractfile(member)) for member in sdist]
        return {name: file.read() for name, file in files if file is not None}


def wheel_problems(files: dict[str, bytes]) -> Iterator[str]:
    """Lines about whatever is not a file of the packages, and about what is missing of those."""
    tree = [name for name in tracked_files() if name.startswith(tuple(f"{package}/" for package in PACKAGES))]
    expected = {name for name in tree if Path(name).suffix in SHIPPED}
    packed = {name for name in files if not re.match(r"prep_and_submit-[\w.]+\.dist-info/", name)}
    yield from (f"wheel: {name} is not in it" for name in sorted(expected - packed))
    yield from (f"wheel: {name} should not be in it" for name in sorted(packed - expected))
    yield from (f"wheel: {problem}" for problem in stray_files(files))


def sdist_problems(files: dict[str, bytes]) -> Iterator[str]:
    """Lines about whatever stands beside the known top levels, and what strays into them."""
    for name in sorted({name.partition("/")[0] for name in files} - TOP_LEVELS):
        yield f"sdist: {name} is new in the root: delete it, or list it in tests/dist.py"
    yield from (f"sdist: {problem}" for problem in stray_files(files))


def stray_files(files: dict[str, bytes]) -> Iterator[str]:
    for name, content in sorted(files.items()):
        if Path(name).suffix.lower() in MEDIA and not name.startswith("docs/") and name != SPOKEN:
            yield f"{name} is media: tests make theirs with fixtures/"
        if path := MACHINE.search(content):
            yield f"{name} names a path of a machine: {path[0].decode()}"


def try_wheel(wheel: Path, folder: Path) -> None:
    """Install the wheel where nothing else is, and have its command check a picture there."""
    pins = re.findall(r"^[\w.-]+==[^\\\n]+", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins), "utf-8")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--constraint", "pins.txt", wheel], folder)
    assert _run([programs / "prep-and-submit", "--version"], folder).split()[2] == __version__
    picture = fixtures.make.make("photo.jpg", folder)
    assert json.loads(_run([programs / "prep-and-submit", "check", picture, "--json"], folder))["ok"]


def try_image(folder: Path) -> None:
    """Run what Containerfile runs, and have its command check a picture."""
    command = try_containerfile(folder)
    picture = fixtures.make.make("photo.jpg", folder)
    assert json.loads(_run([command, "check", picture, "--json"], folder))["ok"]


def _run(command: list[str | Path], folder: Path) -> str:
    """What *command* prints where nothing of this checkout is in reach. Raises CalledProcessError when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    main()
