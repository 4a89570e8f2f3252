"""Stray files in a wheel or an sdist, and the archives of this checkout."""

import pytest

from tests.dist import build, contents, sdist_problems, wheel_problems

# Paths of a machine, joined here so that this file does not hold one itself.
HOME, TEMPORARY = "/".join(["", "home", "j"]), "-".join(["pytest", "of", ""])


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    wheel, sdist = build(tmp_path_factory.mktemp("dist"))
    return contents(wheel), contents(sdist)


Archives = tuple[dict[str, bytes], dict[str, bytes]]


def test_the_archives_of_this_checkout_are_clean(archives: Archives) -> None:
    wheel, sdist = archives
    assert [*wheel_problems(wheel), *sdist_problems(sdist)] == []
    assert {"prep/py.typed", "submit/py.typed", "prep/render/html/templates/report.html"} <= wheel.keys()
    assert {"tests/dist.py", "Makefile", "PKG-INFO"} <= sdist.keys()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("tests/test_dist.py", b"", "wheel: tests/test_dist.py should not be in it"),
        ("prep/notes.txt", b"", "wheel: prep/notes.txt should not be in it"),
        ("prep/py.typed", None, "wheel: prep/py.typed is not in it"),
        ("prep/api.py", HOME.encode(), f"wheel: prep/api.py names a path of a machine: {HOME}"),
    ],
    ids=["tests", "other", "missing", "path"],
)
def test_a_wheel_that_is_not_clean(archives: Archives, name: str, content: bytes | None, problem: str) -> None:
    files = {key: value for key, value in (archives[0] | {name: content}).items() if value is not None}
    assert list(wheel_problems(files)) == [problem]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("manifest.json", b"{}", "sdist: manifest.json is new in the root: delete it, or list it in tests/dist.py"),
        ("tests/cli/a.JPG", b"", "sdist: tests/cli/a.JPG is media: tests make theirs with fixtures/"),
        ("docs/a.md", TEMPORARY.encode(), f"sdist: docs/a.md names a path of a machine: {TEMPORARY}"),
    ],
    ids=["root", "media", "path"],
)
def test_an_sdist_that_is_not_clean(archives: Archives, name: str, content: bytes, problem: str) -> None:
    assert list(sdist_problems(archives[1] | {name: content})) == [problem]


def test_a_picture_for_the_docs_is_no_stray_file(archives: Archives) -> None:
    assert list(sdist_problems(archives[1] | {"docs/page.webp": b""})) == []
