"""A spec of the user's own."""

import re
from datetime import date
from pathlib import Path

import pytest

from prep.errors import ExitCode, SpecError, UsageError
from prep.specs import all_specs, load_spec, read_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5

WIDER = f"""endpoint = "acme/wider"
extends = "{SEEDANCE_2}"

[video.max_area_px]
value = 2_086_876
basis = "upstream"
source = "https://example.org/limits"
checked = 2026-11-22
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, "utf-8")
    return path


def test_it_extends_a_built_in_one(tmp_path: Path) -> None:
    spec, base = read_spec(_written(tmp_path, WIDER)), load_spec(SEEDANCE_2)
    assert (spec.endpoint, spec.title) == ("acme/wider", base.title)
    area = spec.video.max_area_px
    assert area is not None and (area.value, area.source) == (2_086_876, "https://example.org/limits")
    assert spec.video.model_copy(update={"max_area_px": base.video.max_area_px}) == base.video
    assert (spec.image, spec.audio, spec.set, spec.request, spec.price) == (
        base.image,
        base.audio,
        base.set,
        base.request,
        base.price,
    )
    assert "acme/wider" not in all_specs()


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    assert read_spec(str(_written(tmp_path, WIDER))) == read_spec(_written(tmp_path, WIDER))


def test_a_limit_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """What was seen accepted beyond the old value says nothing about the new one."""
    text = WIDER.replace("video.max_area_px", "video.max_duration_s").replace("2_086_876", "20.0")
    duration = read_spec(_written(tmp_path, text)).video.max_duration_s
    assert duration is not None and (duration.value, duration.accepted) == (20.0, None)


def test_a_price_can_be_replaced(tmp_path: Path) -> None:
    price = read_spec(_written(tmp_path, WIDER + '\n[price]\nvideo_factor = "0.5"\n')).price
    assert price is not None and str(price.video_factor) == "0.5" and price.sizes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            SEEDANCE_2, "seedance", ":2: extends: seedance: no such endpoint; choose from:", id="unknown-base"
        ),
        pytest.param(f'"{SEEDANCE_2}"', "5", ":2: extends: 5: no such endpoint; choose from:", id="no-base"),
        pytest.param("max_area_px", "max_aera_px", ":4: video.max_aera_px: unknown key (did you mean", id="typo"),
        pytest.param("[video.", "[vidoe.", ":4: vidoe: unknown key (did you mean 'video'?)", id="group-typo"),
        pytest.param("2_086_876", '"big"', ":5: video.max_area_px.value: should be a whole number", id="no-number"),
        pytest.param(
            "max_area_px]\nvalue = 2_086_876",
            "max_total_bytes]\nvalue = -1",
            "max_total_bytes: -1 is not positive",
            id="negative",
        ),
        pytest.param(
            "2_086_876", "1000", "my.toml:4: video: min_area_px (409600) is above max_area_px (1000)", id="impossible"
        ),
        pytest.param('"upstream"', '"hearsay"', ":6: video.max_area_px.basis: should be 'documented'", id="basis"),
        pytest.param("checked = 2026-11-22\n", "", ":4: video.max_area_px.checked: missing", id="no-date"),
        pytest.param("value = 2_086_876", "value = 999_999\naccepted = 5", "is stricter than the value", id="accepted"),
    ],
)
def test_a_wrong_key_is_named_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in WIDER
    with pytest.raises(SpecError) as caught:
        read_spec(_written(tmp_path, WIDER.replace(old, new)))
    assert told in str(caught.value)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_container_that_the_probe_does_not_know(tmp_path: Path) -> None:
    text = WIDER.replace("video.max_area_px", "video.containers").replace("2_086_876", '["mp4", "mp5"]')
    with pytest.raises(SpecError, match=r":5: video\.containers\.value\.1: 'mp5' is not a known format"):
        read_spec(_written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('duration_default = "99"', "my.toml:2: request.duration: default: '99' is not one of auto, 4"),
        (
            'duration = { choices = ["5"], default = "99", source = "fal" }',
            ":3: request.duration: default: '99' is not",
        ),
        (
            'duration = { type = "integer", default = 5, source = "fal" }',
            ": request: duration: needs choices and a def",
        ),
        ('task = { choices = ["a"], type = "integer", source = "fal" }', ":3: request.task: choices are strings"),
        (
            'task = { choices = ["a"], resets = { b = ["seed"] }, source = "fal" }',
            ":3: request.task: resets: 'b' is no",
        ),
        (
            'task = { choices = ["a"], resets = { a = ["x"] }, source = "fal" }',
            ": request: task.resets: 'x' is not a par",
        ),
        ('task = { choices = ["a"], resets = { a = ["seed"] }, source = "fal" }', ": request: task.resets: 'seed' is "),
        (
            'task = { choises = ["a"], source = "fal" }',
            ":3: request.task.choises: unknown key (did you mean 'choices'?)",
        ),
        ("task = 5", ":3: request.task: should be keys and values, not 5"),
        ('task = { choices = ["a"], explicit = true, source = "fal" }', ":3: request.task: explicit: a default has to"),
    ],
)
def test_a_parameter_that_makes_no_sense(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_spec(_written(tmp_path, f'extends = "{SEEDANCE_2}"\n[request]\n{text}\n'))
    assert told in str(caught.value)


def test_a_parameter_of_ones_own(tmp_path: Path) -> None:
    style = 'style = { choices = ["drawn", "filmed"], default = "filmed", source = "fal" }'
    request = read_spec(_written(tmp_path, f'extends = "{SEEDANCE_2}"\n[request]\n{style}\n')).request
    assert (request["style"].choices, request["style"].default) == (("drawn", "filmed"), "filmed")
    assert request["seed"] == load_spec(SEEDANCE_2).request["seed"]


def test_the_right_one_of_several_tables(tmp_path: Path) -> None:
    sizes = '[[price.sizes]]\nresolution = "480p"\naspect_ratio = "1:1"\nwidth = 640\nheight = 640\n'
    text = f"{WIDER}\n{sizes}\n{sizes.replace('width = 640', 'width = 0')}"
    line = text.splitlines().index("width = 0") + 1
    with pytest.raises(SpecError, match=re.escape(f"my.toml:{line}: price.sizes.1.width: ")):
        read_spec(_written(tmp_path, text))


def test_a_spec_can_be_named_by_its_file(tmp_path: Path) -> None:
    named = read_spec(_written(tmp_path, WIDER.replace(SEEDANCE_2, "seedance-2.0")))
    assert named == read_spec(_written(tmp_path, WIDER))


def test_what_extends_another_can_be_extended(tmp_path: Path) -> None:
    spec, base = (
        read_spec(_written(tmp_path, f'endpoint = "a/b"\nextends = "{SEEDANCE_2_5}"\n')),
        load_spec(SEEDANCE_2_5),
    )
    assert spec == base.model_copy(update={"endpoint": "a/b"})


SOURCES = """
[sources]
page = { url = "https://example.org/limits", checked = 2026-11-27, basis = "upstream" }
"""


def test_a_limit_has_what_its_source_says(tmp_path: Path) -> None:
    limits = """[video]
max_area_px = { value = 2_086_876, source = "page" }
max_fps = { value = 30.0, source = "page", basis = "advice", checked = 2026-11-28 }
"""
    video = read_spec(_written(tmp_path, f'extends = "seedance-2.0"\n{SOURCES}{limits}')).video
    assert video.max_area_px is not None and video.max_fps is not None
    area, fps = video.max_area_px, video.max_fps
    assert (area.source, area.basis, area.checked) == ("https://example.org/limits", "upstream", date(2026, 11, 27))
    assert (fps.source, fps.basis, fps.checked) == ("https://example.org/limits", "advice", date(2026, 11, 28))


def test_a_source_that_is_read_again_counts_for_all_that_it_is_the_source_of(tmp_path: Path) -> None:
    again = '[sources]\nfal = { url = "https://example.org/new", checked = 2026-12-01, basis = "documented" }\n'
    spec, base = read_spec(_written(tmp_path, f'extends = "seedance-2.0"\n{again}')), load_spec(SEEDANCE_2)
    assert (spec.image.max_count.value, spec.image.max_count.source) == (9, "https://example.org/new")
    assert spec.image.max_count.checked == date(2026, 12, 1)
    assert spec.video.max_fps == base.video.max_fps, "of another source"


def test_a_limit_can_be_dropped(tmp_path: Path) -> None:
    spec = read_spec(_written(tmp_path, 'extends = "seedance-2.0"\ndrop = ["video.min_area_px", "price"]\n'))
    assert (spec.video.min_area_px, spec.price) == (None, None)
    assert spec.video.max_area_px == load_spec(SEEDANCE_2).video.max_area_px


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('drop = ["price"]', ":2: drop: only a spec that `extends` another can drop", id="alone"),
        pytest.param('extends = "seedance-2.0"\ndrop = "price"', ":3: drop: should be a list of names", id="no-list"),
        pytest.param(
            'extends = "seedance-2.0"\ndrop = ["video.max_aera_px"]',
            ":3: drop: 'video.max_aera_px' is not in the spec that this one extends; did you mean 'video.max_area_px'?",
            id="typo",
        ),
        pytest.param('extends = "seedance-2.5"\ndrop = ["video.max_area_px"]', ":3: drop: 'video.max_", id="gone"),
        pytest.param('extends = "seedance-2.0"\ndrop = ["title.x"]', ":3: drop: 'title.x' is not in", id="no-group"),
        pytest.param(
            'extends = "seedance-2.0"\ndrop = ["image.containers"]', "my.toml: image.containers: missing", id="needed"
        ),
        pytest.param(f'extends = "seedance-2.0"\n{SOURCES}chekced = 5', ":6: sources.chekced: should be", id="source"),
        pytest.param(
            'extends = "seedance-2.0"\n[sources.page]\nurl = "x"', ":3: sources.page.checked: missing", id="no-date"
        ),
        pytest.param(
            f'extends = "seedance-2.0"\n{SOURCES}[image]\nmax_count = {{ value = 5, source = "pgae" }}',
            ":7: image.max_count.source: 'pgae' is not in [sources]; did you mean page?",
            id="unknown-source",
        ),
    ],
)
def test_what_can_not_be_put_together(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_spec(_written(tmp_path, f'endpoint = "a/b"\n{text}\n'))
    assert told in str(caught.value)


@pytest.mark.parametrize("content", [b"= 5", b"\xff\xfe", b"a = 1\na = 2"])
def test_what_is_not_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"my\.toml: not (TOML: |UTF-8 text)"):
        read_spec(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"my\.toml: no such file"):
        read_spec(tmp_path / "my.toml")


def test_the_least_that_a_spec_can_say(tmp_path: Path) -> None:
    """All that is not stated is left out; nothing else is assumed."""
    meta = 'basis = "documented"\nsource = "x"\nchecked = 2026-11-22\n'
    limits = {
        "image.containers": '["jpeg"]',
        "image.max_count": "1",
        "video.containers": '["mp4"]',
        "video.max_count": "1",
        "audio.containers": '["wav"]',
        "audio.max_count": "1",
        "request.resolutions": '["720p"]',
        "request.durations": '["5"]',
        "request.aspect_ratios": '["1:1"]',
    }
    text = 'endpoint = "a/b"\ntitle = "A"\n[request]\nresolution_default = "720p"\nduration_default = "5"\n'
    text += 'aspect_ratio_default = "1:1"\n[set]\n'
    text += "".join(f"[{name}]\nvalue = {value}\n{meta}" for name, value in limits.items())
    spec = read_spec(_written(tmp_path, text))
    assert (spec.price, spec.set.max_files, spec.video.max_area_px) == (None, None, None)
