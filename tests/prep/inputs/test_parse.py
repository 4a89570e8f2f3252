"""The grammar of a reference: `[NAME=]PATH-or-URL[#t=START,END][&xywh=...][&track=...]`."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prep.errors import ExitCode, UsageError
from prep.inputs.parse import parse_reference
from prep.model.redact import shown
from prep.model.reference import Crop, Part, Reference
from prep.planning.requested import crop_in_pixels


def _only(*paths: str) -> Callable[[str], bool]:
    return lambda path: path in paths


def _ref(location: str, **fields: Any) -> Reference:
    return Reference(location=location, **fields)


def _seconds(start_s: float, end_s: float | None = None) -> Part:
    return Part(start_s=start_s, end_s=end_s)


def _rectangle(x: float, y: float, width: float, height: float, unit: Any = "pixel") -> Crop:
    return Crop(unit=unit, x=x, y=y, width=width, height=height)


URL = "https://example.org/a/b.mp4?sig=x%20y&t=5,6&v=2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dance.mov", _ref("dance.mov")),
        ("dance.mov#t=12.5,17.5", _ref("dance.mov", part=_seconds(12.5, 17.5))),
        (
            "walk=walk.mp4#t=,4&xywh=percent:25,0,50,100",
            _ref("walk.mp4", name="walk", part=_seconds(0, 4), crop=_rectangle(25, 0, 50, 100, "percent")),
        ),
        ("talk.mp4#track=audio", _ref("talk.mp4", track="audio")),
        ("party.gif#track=video", _ref("party.gif", track="video")),
        (
            "a.mp4#track=audio&xywh=1,2,3,4&t=1,2",
            _ref("a.mp4", track="audio", crop=_rectangle(1, 2, 3, 4), part=_seconds(1, 2)),
        ),
        ("clip.mp4#", _ref("clip.mp4")),
        # names
        ("_x-1=a.mp4", _ref("a.mp4", name="_x-1")),
        ("image=a.png", _ref("a.png", name="image")),
        ("images1=a.png", _ref("a.png", name="images1")),
        ("image1b=a.png", _ref("a.png", name="image1b")),
        ("n=sub/a b.mp4", _ref("sub/a b.mp4", name="n")),
        ("n=a=b.mp4", _ref("a=b.mp4", name="n")),
        # what is no name
        ("./a=b.mp4", _ref("./a=b.mp4")),
        ("a b=c.mp4", _ref("a b=c.mp4")),
        ("1st=c.mp4", _ref("1st=c.mp4")),
        ("=c.mp4", _ref("=c.mp4")),
        ("c=", _ref("c=")),
        ("größe=c.mp4", _ref("größe=c.mp4")),
        # odd characters in paths
        ("-odd.mp4", _ref("-odd.mp4")),
        ("--json", _ref("--json")),
        ("50%.mp4", _ref("50%.mp4")),
        ("50%25.mp4#t=1,2", _ref("50%25.mp4", part=_seconds(1, 2))),
        ("what?.mp4#t=1,2", _ref("what?.mp4", part=_seconds(1, 2))),
        ("you & me.mp4#t=1,2", _ref("you & me.mp4", part=_seconds(1, 2))),
        ("@home.mp4", _ref("@home.mp4")),
        (r"C:\clips\a.mp4#t=1,2", _ref(r"C:\clips\a.mp4", part=_seconds(1, 2))),
        (r"walk=C:\clips\a=b.mp4", _ref(r"C:\clips\a=b.mp4", name="walk")),
        (r"C:\a=b.mp4", _ref(r"C:\a=b.mp4")),
        ("файл.mp4#t=1,2", _ref("файл.mp4", part=_seconds(1, 2))),
        # URLs
        (URL, _ref(URL)),
        (f"{URL}#t=1,2", _ref(URL, part=_seconds(1, 2))),
        (f"n={URL}#t=1,2", _ref(URL, name="n", part=_seconds(1, 2))),
        ("http://localhost:8000/a.mp4", _ref("http://localhost:8000/a.mp4")),
    ],
)
def test_a_reference(text: str, expected: Reference) -> None:
    assert parse_reference(text, _only()) == expected


@pytest.mark.parametrize(
    ("paths", "text", "expected"),
    [
        (["a=b.mp4"], "a=b.mp4", _ref("a=b.mp4")),
        (["image1=b.mp4"], "image1=b.mp4", _ref("image1=b.mp4")),
        (["a.mp4#t=1,2"], "a.mp4#t=1,2", _ref("a.mp4#t=1,2")),
        (["a.mp4#t=1,2", "a.mp4"], "a.mp4#t=1,2", _ref("a.mp4#t=1,2")),
        (["a#1.mp4"], "a#1.mp4", _ref("a#1.mp4")),
        (["a#1.mp4"], "a#1.mp4#t=1,2", _ref("a#1.mp4", part=_seconds(1, 2))),
        (["a#1.mp4"], "n=a#1.mp4", _ref("a#1.mp4", name="n")),
        (["a#1.mp4"], "n=a#1.mp4#t=1,2", _ref("a#1.mp4", name="n", part=_seconds(1, 2))),
        (["a=b.mp4"], "n=a=b.mp4", _ref("a=b.mp4", name="n")),
        (["a=b.mp4"], "n=a=b.mp4#t=1,2", _ref("a=b.mp4", name="n", part=_seconds(1, 2))),
        (["a=b.mp4"], "a=b.mp4#t=1,2", _ref("a=b.mp4", part=_seconds(1, 2))),
        (["b.mp4"], "a=b.mp4", _ref("b.mp4", name="a")),
        (["x & y?.mp4"], "x & y?.mp4#t=1", _ref("x & y?.mp4", part=_seconds(1))),
        (["#t=1,2"], "#t=1,2", _ref("#t=1,2")),
        (["#"], "#", _ref("#")),
        (["-"], "-", _ref("-")),
        ([r"a\b.mp4"], r"n=a\b.mp4", _ref(r"a\b.mp4", name="n")),
        (["100%41.png"], "100%41.png", _ref("100%41.png")),
    ],
)
def test_a_path_that_exists_is_a_path(paths: list[str], text: str, expected: Reference) -> None:
    assert parse_reference(text, _only(*paths)) == expected


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("0,5", _seconds(0, 5)),
        ("12.5,17.5", _seconds(12.5, 17.5)),
        ("7", _seconds(7)),
        ("0", _seconds(0)),
        (",4", _seconds(0, 4)),
        (".5,1.", _seconds(0.5, 1)),
        ("npt:10,20", _seconds(10, 20)),
        ("npt:,20", _seconds(0, 20)),
        ("1:02,1:10", _seconds(62, 70)),
        ("0:30", _seconds(30)),
        ("1:2:3,1:2:4.5", _seconds(3723, 3724.5)),
        ("00:01:02.5,62.75", _seconds(62.5, 62.75)),
        ("10:59:59", _seconds(39_599)),
        ("100:00:00", _seconds(360_000)),
        ("139.4", _seconds(139.4)),
        ("best:6", Part(best_s=6)),
        ("best:.5", Part(best_s=0.5)),
        ("best:1:02.5", Part(best_s=62.5)),
        ("best%3A6", Part(best_s=6)),
    ],
)
def test_times(value: str, part: Part) -> None:
    assert parse_reference(f"a.mp4#t={value}", _only()).part == part


@pytest.mark.parametrize(
    ("value", "crop"),
    [
        ("0,0,100,200", _rectangle(0, 0, 100, 200)),
        ("pixel:10,20,30,40", _rectangle(10, 20, 30, 40)),
        ("percent:0,0,100,100", _rectangle(0, 0, 100, 100, "percent")),
        ("percent:12.5,0,87.5,50", _rectangle(12.5, 0, 87.5, 50, "percent")),
        ("percent%3A25,0,50,100", _rectangle(25, 0, 50, 100, "percent")),
        ("10%2C20%2C30%2C40", _rectangle(10, 20, 30, 40)),
    ],
)
def test_rectangles(value: str, crop: Crop) -> None:
    assert parse_reference(f"a.mp4#xywh={value}", _only()).crop == crop


@pytest.mark.parametrize(
    ("fragment", "why"),
    [
        ("t=", "needs a start or an end"),
        ("t=,", "needs a start or an end"),
        ("t", "needs a start or an end"),
        ("t=5,", "no end"),
        ("t=5,5", "must come after"),
        ("t=0,0", "must come after"),
        ("t=10,5", "must come after"),
        ("t=1:10,1:02", "must come after"),
        ("t=-1,5", "'-1' is not a time"),
        ("t=a,b", "'a' is not a time"),
        ("t=1,2,3", "'2,3' is not a time"),
        ("t=1e3", "is not a time"),
        ("t=nan", "is not a time"),
        ("t=inf", "is not a time"),
        ("t=1:60", "is not a time"),
        ("t=60:00", "is not a time"),
        ("t=1:2:3:4", "is not a time"),
        ("t=:30", "is not a time"),
        ("t= 1,2", "is not a time"),
        ("t=best", "is not a time"),
        ("t=best:", "'' is not a time"),
        ("t=best:-1", "'-1' is not a time"),
        ("t=best:1,6", "'1,6' is not a time"),
        ("t=best:0", "more than 0"),
        ("t=Best:6", "is not a time"),
        ("t=5s", "is not a time"),
        ("t=smpte:1,2", "is not a time"),
        ("t=1,2&t=3,4", "appears twice"),
        ("xywh=1,2,3", "not four numbers"),
        ("xywh=1,2,3,4,5", "not four numbers"),
        ("xywh=-1,2,3,4", "not four numbers"),
        ("xywh=em:1,2,3,4", "not four numbers"),
        ("xywh=", "not four numbers"),
        ("xywh=0,0,0,10", "no area"),
        ("xywh=0,0,10,0", "no area"),
        ("xywh=percent:0,0,101,100", "outside"),
        ("xywh=percent:60,0,50,100", "outside"),
        ("xywh=percent:0,50.5,100,50", "outside"),
        ("xywh=1,2,3,4&xywh=1,2,3,4", "appears twice"),
        ("track=sound", "'track=sound' is not understood"),
        ("track=", "is not understood"),
        ("T=1,2", "'T=1,2' is not understood"),
        ("id=5", "'id=5' is not understood"),
        ("t=1,2&", "'' is not understood"),
        ("&", "'' is not understood"),
        ("1.mp4", "'1.mp4' is not understood"),
    ],
)
@pytest.mark.parametrize("start", ["a.mp4", "walk=a.mp4", "https://example.org/a.mp4?x=1"])
def test_a_bad_fragment(start: str, fragment: str, why: str) -> None:
    text = f"{start}#{fragment}"
    with pytest.raises(UsageError) as caught:
        parse_reference(text, _only("a.mp4"))
    message = str(caught.value)
    assert message.startswith(f"{shown(text)}: bad fragment: ")
    assert why in message
    assert message.endswith("expected #t=START,END, #t=best:SECONDS, #xywh=X,Y,W,H or #track=audio|video")
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("name", ["image1", "Video12", "AUDIO3", "image0"])
@pytest.mark.parametrize("rest", ["a.mp4", "b.mp4", "b.mp4#t=1,2"])
def test_a_name_may_not_be_a_tag(name: str, rest: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_reference(f"{name}={rest}", _only("a.mp4"))
    assert str(caught.value) == f"{name}={rest}: the name {name!r} is one of the endpoint's own tags; choose another"


@pytest.mark.parametrize("text", ["", "#t=1,2", "#", "walk=#t=1,2", "walk=#"])
def test_a_reference_to_nothing(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_reference(text, _only())
    assert text in str(caught.value)


@pytest.mark.parametrize("number", ["9" * 30, "9" * 400], ids=["30-digits", "400-digits"])
def test_absurd_numbers_are_refused(number: str) -> None:
    """Whether by the grammar or once the size of the picture is known: never by an overflow."""
    with pytest.raises(UsageError):
        crop_in_pixels(_crop_of(f"a.png#xywh=0,0,{number},10"), 1280, 720, "a.png")
    with pytest.raises(UsageError):
        crop_in_pixels(_crop_of(f"a.png#xywh={number},0,10,10"), 1280, 720, "a.png")


def _crop_of(text: str) -> Crop:
    crop = parse_reference(text, _only()).crop
    assert crop is not None
    return crop


@given(
    text=st.text(alphabet="ab=#&t,:.019xywhpercentnpt%-/ \n", max_size=30),
    existing=st.text(alphabet="ab=#&t,", min_size=1, max_size=6),
)
@example(text="a#t=1,2", existing="a")
@settings(deadline=None)
def test_any_text_is_a_reference_or_wrong_usage(text: str, existing: str) -> None:
    try:
        reference = parse_reference(text, _only(existing))
    except UsageError as error:
        refused = str(error)
    else:
        assert reference.location and reference.location in text
        return
    assert text in refused or repr(text)[1:-1] in refused


@given(
    location=st.text(alphabet="ab.=#&?%-@é /", min_size=1, max_size=12),
    name=st.none() | st.from_regex(r"[a-z_][a-z0-9_-]{0,4}", fullmatch=True),
    start=st.integers(0, 5000),
    length=st.integers(1, 5000),
)
@settings(deadline=None)
def test_what_is_written_is_read_back(location: str, name: str | None, start: int, length: int) -> None:
    """Whatever the characters of a path, its name and its part are found, once it exists."""
    text = f"{name}={location}" if name else location
    text += f"#t={start / 100},{(start + length) / 100}"
    reference = parse_reference(text, _only(location))
    assert (reference.location, reference.name) == (location, name)
    assert reference.part == _seconds(start / 100, (start + length) / 100)


@pytest.mark.parametrize(
    ("location", "label"),
    [
        ("dance.mov", "dance.mov"),
        ("/home/me/clips/dance.mov", "dance.mov"),
        (r"C:\clips\dance.mov", "dance.mov"),
        ("https://example.org/a/dance.mov", "dance.mov"),
        ("clips/", "clips"),
        ("/", "/"),
    ],
)
def test_label(location: str, label: str) -> None:
    assert _ref(location).label == label


@pytest.mark.parametrize(
    ("location", "is_url"),
    [("https://e.org/a.mp4", True), ("http://e.org/a.mp4", True), ("file:///a.mp4", False), ("https.mp4", False)],
)
def test_is_url(location: str, is_url: bool) -> None:
    assert _ref(location).is_url is is_url


def test_an_existing_path_is_no_url() -> None:
    name = "https://example.org/a.mp4"
    reference = parse_reference(name, _only(name))
    assert reference == Reference(location=f"./{name}")
    assert not reference.is_url


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ftp://h.example/a.mp4?sig=SECRET#t=1", r"^ftp://h\.example/a\.mp4\?…: ftp:// can't be read.*download it"),
        ("x=ftp://me:SECRET@h.example/a.mp4", r"^ftp://…@h\.example/a\.mp4: ftp:// can't be read"),
        ("abfs://box/key?X=SECRET", r"^abfs://box/key\?…: abfs:// can't be read.*name it as az://CONTAINER/KEY"),
        ("file:///etc/passwd", "file:// can't be read.*name the path itself"),
        (f"data:image/png;base64,{'A' * 1_000_000}", "^data:image/png.{0,100}…: data: can't be read.*its bytes"),
        ("blob:https://h.example/1", "blob: can't be read"),
    ],
)
def test_urls_of_other_kinds(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        parse_reference(text, lambda _: False)
    assert "SECRET" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert parse_reference("ftp://h.example/a.mp4", lambda _: True).location == "ftp://h.example/a.mp4"


@pytest.mark.parametrize("path", ["C:\\clip.mp4", "c://clip.mp4", "scene 2: dawn.mp4", "a:b"])
def test_paths_with_colons(path: str) -> None:
    assert parse_reference(path, lambda _: False).location == path
