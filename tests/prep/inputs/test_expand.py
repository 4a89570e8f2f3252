"""References from a command line: patterns, folders, lists."""

import glob
import os
import sys
from pathlib import Path

import pytest

from prep.errors import ManyErrors, UsageError
from prep.inputs.expand import expand
from prep.inputs.pattern import matches
from prep.model.reference import Part


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files without content: nothing here is opened."""
    for name in (
        "b.png",
        "a.PNG",
        "notes.txt",
        "types.ts",
        "sub/c.mp4",
        "sub/deep/d.wav",
        ".git/e.png",
        "sub/._f.mp4",
        "x[1].png",
        "empty/none.txt",
        "dir.mp4/g.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def _paths(*arguments: str, recursive: bool = True, listed: bytes = b"") -> list[str]:
    return [one.location for one in expand(arguments, recursive=recursive, read_list=lambda: listed).references]


def test_a_folder_stands_for_the_media_in_it_sorted(tree: Path) -> None:
    inside = ["a.PNG", "b.png", "dir.mp4/g.jpg", "sub/c.mp4", "sub/deep/d.wav", "x[1].png"]
    assert _paths(".") == inside
    assert _paths("sub") == ["sub/c.mp4", "sub/deep/d.wav"]
    assert _paths(str(tree / "sub")) == [str(tree / "sub/c.mp4"), str(tree / "sub/deep/d.wav")]


def test_linked_folders_are_not_followed(tree: Path) -> None:
    (tree / "sub" / "ring").symlink_to(tree, target_is_directory=True)
    (tree / "sub" / "linked.png").symlink_to(tree / "b.png")
    assert _paths("sub") == ["sub/c.mp4", "sub/deep/d.wav", "sub/linked.png"]


def test_a_pattern_follows_no_linked_folders_at_any_depth(tree: Path) -> None:
    for ring in ("p", "q"):
        (tree / ring).symlink_to(".")
    (tree / "sub" / "linked.png").symlink_to(tree / "b.png")
    assert _paths("**/*.png", recursive=False) == ["b.png", "sub/linked.png", "x[1].png"]
    assert _paths("p/**/c.*", "q/*.png") == ["p/sub/c.mp4", "q/b.png", "q/x[1].png"]


def test_folders_nested_deeper_than_any_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(400):
        os.mkdir("x", dir_fd=folder)
        inner = os.open("x", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("b.png", os.O_CREAT, dir_fd=folder))
    os.close(folder)
    deep, limit = "x/" * 400 + "b.png", sys.getrecursionlimit()
    sys.setrecursionlimit(350)
    try:
        assert _paths(".") == _paths("**/*.png") == _paths("**") == ["a.png", deep]
    finally:
        sys.setrecursionlimit(limit)
    os.remove(deep)  # shutil.rmtree has no such depth either
    os.removedirs("x/" * 400)


PATTERNS = """** **/* **/ **/** **/*.png sub/** s*/**/*.* **/x[[]1]/* **/x[[]1]/**/d.wav x[[]1].png/** *.mp4/**/*.jpg
    **/none/* none/** **.png ./**/*.png **/x[[]1].png */** sub//**/c.mp4"""


@pytest.mark.parametrize("pattern", PATTERNS.split())
def test_a_pattern_matches_what_the_standard_library_finds(tree: Path, pattern: str) -> None:
    os.rename("sub/deep", "sub/x[1]")
    for place in (pattern, os.path.join(tree, pattern)):
        assert _files(matches(place)) == _files(glob.glob(place, recursive=True))


def _files(paths: list[str]) -> set[str]:
    return {os.path.normpath(path) for path in paths if os.path.isfile(path)}


def test_the_order_is_that_of_the_call_and_nothing_counts_twice(tree: Path) -> None:
    assert _paths("sub/deep", "b.png", "sub", "b.png") == ["sub/deep/d.wav", "b.png", "sub/c.mp4"]


def test_in_a_set_a_file_may_stand_twice(tree: Path) -> None:
    assert _paths("b.png", "b.png", recursive=False) == ["b.png", "b.png"]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*.png", ["b.png", "x[1].png"]),
        ("**/*.mp4", ["sub/c.mp4"]),
        ("sub/?.mp4", ["sub/c.mp4"]),
        ("[ab].*", ["a.PNG", "b.png"]),
        ("x[1].png", ["x[1].png"]),  # it exists
    ],
)
@pytest.mark.parametrize("recursive", [True, False])
def test_patterns(tree: Path, pattern: str, matches: list[str], recursive: bool) -> None:
    assert _paths(pattern, recursive=recursive) == matches


def test_a_pattern_with_a_part(tree: Path) -> None:
    (reference,) = expand(["sub/*.mp4#t=1,3"], recursive=False, read_list=bytes).references
    assert (reference.location, reference.part) == ("sub/c.mp4", Part(start_s=1, end_s=3))


@pytest.mark.parametrize(
    ("listed", "paths"),
    [
        (b"b.png\nsub/c.mp4\n", ["b.png", "sub/c.mp4"]),
        (b"b.png\r\nsub/c.mp4", ["b.png", "sub/c.mp4"]),
        (b"\n\n b.png \n\n", [" b.png "]),
        (b"b.png\0sub/two\nlines.mp4\0", ["b.png", "sub/two\nlines.mp4"]),
        (b"sub\n", ["sub/c.mp4", "sub/deep/d.wav"]),
        (b"", []),
    ],
)
def test_a_list(tree: Path, listed: bytes, paths: list[str]) -> None:
    assert _paths("-", listed=listed) == paths


def test_a_list_among_others(tree: Path) -> None:
    assert _paths("x[1].png", "-", "sub", listed=b"b.png\n") == ["x[1].png", "b.png", "sub/c.mp4", "sub/deep/d.wav"]


def test_a_url_is_left_as_it_is(tree: Path) -> None:
    assert _paths("https://example.org/a.png?x=[1]*") == ["https://example.org/a.png?x=[1]*"]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("none/*.png", "none/\\*.png: no file matches"),
        ("empty", "empty: no image, video or sound in it"),
        ("sub#t=1,2", "sub: a folder has no part"),
        ("walk=sub", "sub: a folder has no name of its own"),
        ("b.png#t=5,1", "bad fragment"),
    ],
)
def test_an_argument_that_stands_for_nothing(tree: Path, argument: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _paths(argument)


def test_without_recursive_a_folder_stays_a_reference(tree: Path) -> None:
    assert _paths("sub", "b.png", recursive=False) == ["sub", "b.png"]


@pytest.mark.parametrize("arguments", [["."], ["*.jpg"]], ids=["a folder", "a pattern"])
def test_numbers_are_sorted_as_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["IMG_2.jpg", "img_3.jpg", "IMG_10.jpg", "IMG_0100.jpg"]
    for name in names:
        (tmp_path / name).touch()
    assert [os.path.basename(path) for path in _paths(*arguments)] == names


PHONE = ("IMG_0001.AAE", "IMG_0001.HEIC", "IMG_0001.MOV", "IMG_0002.HEIC", "IMG_0010.MOV", "Thumbs.db", "notes.txt")


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    for name in (*PHONE, "raw/IMG_0003.DNG.xmp", "raw/IMG_0003.jpg", "@eaDir/IMG_0001.HEIC/small.jpg"):
        (tmp_path / "phone" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "phone" / name).touch()
    return tmp_path / "phone"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["IMG_0001.HEIC", "IMG_0002.HEIC", "IMG_0010.MOV"]),
        ("IMG_*", ["IMG_0001.HEIC", "IMG_0002.HEIC", "IMG_0010.MOV"]),
        ("*.MOV", ["IMG_0001.MOV", "IMG_0010.MOV"]),  # no picture beside it here
        ("*.AAE", ["IMG_0001.AAE"]),  # nothing else can be meant
        ("*.txt", ["notes.txt"]),
        ("**/*.jpg", ["raw/IMG_0003.jpg"]),
        ("@eaDir/*/*.jpg", ["@eaDir/IMG_0001.HEIC/small.jpg"]),
    ],
)
def test_a_pattern_stands_for_what_a_folder_with_these_files_would(
    phone: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: list[str]
) -> None:
    monkeypatch.chdir(phone)
    assert _paths(pattern, recursive=False) == names


def test_a_file_named_in_full_is_always_taken(phone: Path) -> None:
    typed = ["phone/IMG_*", "phone/IMG_0001.MOV", "phone/IMG_0001.AAE"]
    references, skipped = expand(typed, recursive=False, read_list=bytes)
    assert [one.location for one in references][-2:] == typed[-2:]
    assert skipped == ()


def test_the_folder_rule_holds_below_the_folder_too(phone: Path) -> None:
    references, (line,) = expand(["phone"], recursive=True, read_list=bytes)
    names = ["IMG_0001.HEIC", "IMG_0002.HEIC", "IMG_0010.MOV", "raw/IMG_0003.jpg"]
    assert [one.location for one in references] == [f"phone/{name}" for name in names]
    for part in (
        "phone: skipped ",
        "2 sidecars (phone/IMG_0001.AAE, phone/raw/IMG_0003.DNG.xmp)",
        "2 system files (phone/@eaDir, phone/Thumbs.db)",
        "1 other file (phone/notes.txt)",
        "1 Live Photo video (phone/IMG_0001.MOV)",
        "; to use phone/IMG_0001.MOV, name it",
    ):
        assert part in line


def test_a_folder_is_taken_with_the_video_that_is_named(phone: Path) -> None:
    references, (line,) = expand(["phone", "phone/IMG_0001.MOV"], recursive=True, read_list=bytes)
    assert references[-1].location == "phone/IMG_0001.MOV"
    assert "Live Photo" not in line


def test_all_arguments_that_are_wrong_are_named(tree: Path) -> None:
    with pytest.raises(ManyErrors, match=r"(?s)none/\*\.png: no file matches.*bad fragment"):
        _paths("none/*.png", "b.png", "b.png#t=5,1")
