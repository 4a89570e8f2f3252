"""Wrong documents: each error names the file, the line and the key."""

import re
from importlib.resources import files

import pytest

from prep.errors import SpecError, UsageError
from prep.specs import parse_spec


def _toml(name: str) -> str:
    return files("prep.specs").joinpath(name).read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param(
            "max_count = { value = 9", "max_cuont = { value = 9", ("image.max_cuont", "max_count"), id="limit"
        ),
        pytest.param("{ value = 9,", "{ vaule = 9,", ("image.max_count.vaule", "did you mean 'value'?"), id="key"),
        pytest.param("{ value = 9,", '{ value = "nine",', ("image.max_count.value",), id="word-for-a-number"),
        pytest.param("{ value = 9,", "{ value = 9.5,", ("image.max_count.value",), id="half-a-file"),
        pytest.param('value = ["mp4", "mov"]', "value = 5", ("video.containers.value",), id="number-for-a-list"),
        pytest.param('value = ["mp4", "mov"]', 'value = ["mp4", 5]', ("video.containers.value.1",), id="in-a-list"),
        pytest.param('basis = "upstream"', 'basis = "guess"', ("sources.ark.basis", "'documented'"), id="basis"),
        pytest.param(', basis = "upstream"', "", ("image.min_side_px.basis: missing",), id="no-basis"),
        pytest.param("checked = 2026-11-22, ", "", ("sources.fal.checked: missing",), id="no-date"),
        pytest.param("checked = 2026-11-22", 'checked = "soon"', ("sources.fal.checked",), id="not-a-date"),
        pytest.param(
            'source = "ark"', 'source = "arc"', ("image.min_side_px.source", "did you mean ark?"), id="source"
        ),
        pytest.param('title = "', 'tilte = "', ("tilte", "title"), id="top-level"),
        pytest.param("[set]", "[sets]", ("sets",), id="group"),
        pytest.param('default = "720p", ', "", ("request.resolution", "a default has to be stated"), id="no-default"),
        pytest.param(
            'default = "720p"', 'default = "72p"', ("request.resolution: default: '72p' is not",), id="default"
        ),
        pytest.param('type = "integer"', 'type = "int"', ("request.seed.type", "'integer'"), id="type"),
        pytest.param("listed = false", "listed = 7", ("request.seed.listed",), id="listed"),
        pytest.param('video_factor = "0.6"', 'video_factor = "some"', ("price.video_factor",), id="price"),
        pytest.param("[864, 496]", "[0, 496]", ("price.sizes: 480p 16:9: should be [width, height]",), id="no-width"),
        pytest.param("[864, 496]", '"864x496"', ("price.sizes: 480p 16:9: should be [width, height]",), id="no-pair"),
        pytest.param('720p = { "16:9"', '720p = 5 # "16:9"', ("price.sizes: 720p: should be aspect",), id="no-row"),
    ],
)
def test_a_wrong_key_is_named(old: str, new: str, named: tuple[str, ...]) -> None:
    text = _toml("seedance-2.0.toml")
    assert old in text
    with pytest.raises(SpecError) as caught:
        parse_spec(text.replace(old, new, 1), "mine.toml")
    message = str(caught.value)
    line = text[: text.index(old)].count("\n") + 1
    assert re.match(r"mine\.toml(:\d+)?: ", message)
    assert all(key in message for key in named), message
    elsewhere = (" missing" in message, "price.sizes" in message)  # at the table that lacks or holds it
    assert f"mine.toml:{line}: " in message or any(elsewhere), message


def test_every_wrong_key_is_named_at_once() -> None:
    text = _toml("seedance-2.0.toml").replace("{ value = 9,", "{ value = [],").replace("{ value = 12,", "{ value = [],")
    with pytest.raises(SpecError, match=r"mine\.toml:\d+: image\.max_count.*\nmine\.toml:\d+: set\.max_files"):
        parse_spec(text, "mine.toml")


@pytest.mark.parametrize("text", ["= 5", "[image", "endpoint = 'a'\nendpoint = 'b'"])
def test_what_is_not_toml(text: str) -> None:
    with pytest.raises(UsageError, match=r"^mine\.toml: not TOML: "):
        parse_spec(text, "mine.toml")
