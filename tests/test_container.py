"""Containerfile and requirements-image.txt: pinned, with hashes, without root. `make dist` runs the commands."""

import re
import tomllib
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.checkout import ROOT
from tests.container import FILE, copied, read_containerfile

INSTRUCTIONS = read_containerfile(FILE.read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LEFT_OUT = {"ray"}  # Ray has an image of its own: docs/batches.md


def _pins(name: str) -> dict[str, frozenset[str]]:
    """The hashes of each `name==version`."""
    blocks = re.findall(r"^([\w.-]+==[\w.]+).*((?:\n +--hash=.*)+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return {pin: frozenset(re.findall(r"sha256:\w{64}", hashes)) for pin, hashes in blocks}


def _needed(requirements: list[str]) -> set[str]:
    """The names of *requirements* and of all that they require, on this machine."""
    names: set[str] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name in names and not requirement.extras:
            continue
        names.add(name)
        for text in distribution(name).requires or ():
            waiting += [(Requirement(text), wanted) for wanted in ("", *requirement.extras)]
    return names


def test_every_source_is_there() -> None:
    """The wheel is what `make dist` builds."""
    for instruction in INSTRUCTIONS:
        if instruction.name == "COPY":
            assert [copied(source) for source in instruction.words[:-1] if not source.startswith("dist/")]


def test_what_is_copied_is_not_ignored() -> None:
    ignored, *kept = (ROOT / ".containerignore").read_text("utf-8").split()
    sources = [word for item in INSTRUCTIONS if item.name == "COPY" for word in item.words[:-1]]
    assert ignored == "*"
    assert sorted(kept) == sorted("!dist/*.whl" if source.startswith("dist/") else f"!{source}" for source in sources)


def test_it_ends_without_root() -> None:
    names = [instruction.name for instruction in INSTRUCTIONS]
    assert names[0] == "FROM" and names[-2:] == ["USER", "ENTRYPOINT"]
    user, group = INSTRUCTIONS[-2].text.split(":")
    assert int(user) >= 1000 and int(group) >= 1000


def test_every_installation_is_checked() -> None:
    """From the index only by hash; the wheel without the index."""
    installations = [item.words for item in INSTRUCTIONS if item.name == "RUN" and "install" in item.words]
    assert len(installations) == 2
    for words in installations:
        assert "--require-hashes" in words or {"--no-index", "--no-deps"} <= set(words)


def test_the_pins_are_those_of_the_project() -> None:
    image, project = _pins("requirements-image.txt"), _pins("requirements.txt")
    lines = (ROOT / "requirements-image.txt").read_text("utf-8").splitlines()
    assert len(image) == len([line for line in lines if not line.startswith(" ")]), "every line is a pin"
    assert {pin: project.get(pin) for pin in image} == image
    assert all(image.values())


@pytest.mark.parametrize("extra", sorted({"", *PROJECT["project"]["optional-dependencies"]} - LEFT_OUT))
def test_all_is_pinned_that_is_needed(extra: str) -> None:
    project = PROJECT["project"]
    needed = _needed(project["optional-dependencies"][extra] if extra else project["dependencies"])
    assert needed - {pin.partition("==")[0] for pin in _pins("requirements-image.txt")} == set()


def test_no_tool_of_development_is_in_it() -> None:
    image = {pin.partition("==")[0] for pin in _pins("requirements-image.txt")}
    assert image & {"pytest", "mypy", "ruff", "hatchling", "playwright", "ray", "moto"} == set()
