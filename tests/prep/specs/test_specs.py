"""The limits as data: what each endpoint's page and its provider say, word for word."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from prep.errors import ExitCode, UsageError
from prep.model.limits import EndpointSpec, Limit
from prep.specs import DEFAULT_ENDPOINT, all_specs, load_spec, parse_spec
from submit.command import all_commands
from tests.made import ENDPOINTS, FAST, MINI, SEEDANCE_2, SEEDANCE_2_5

ROOT = Path(__file__).parents[3]
DOC, UP = "documented", "upstream"
SIDES = {"min_side_px": (300, None, UP), "max_side_px": (6000, None, UP)}
SIDES |= {"min_aspect": (0.4, None, UP), "max_aspect": (2.5, None, UP)}

# group, then limit: (value, accepted, basis)
SOUND_FORMATS = {"containers": (("mp3", "wav"), None, DOC), "wav_codecs": (("pcm",), None, UP)}
USEFUL_PROMPT = {"useful_prompt_words": (1000, None, "advice"), "useful_prompt_characters": (500, None, "advice")}
LIMITS_2_0: dict[str, dict[str, tuple[Any, Any, str]]] = {
    "image": {
        "containers": (("jpeg", "png", "webp"), None, DOC),
        "max_bytes": (30_000_000, 31_457_280, DOC),
        "max_count": (9, None, DOC),
        "min_area_px": (90_000, None, UP),
        **SIDES,
    },
    "video": {
        "containers": (("mp4", "mov"), None, DOC),
        "codecs": (("h264", "hevc"), None, UP),
        "audio_codecs": (("aac", "mp3"), None, UP),
        "min_area_px": (409_600, None, DOC),
        "max_area_px": (927_408, None, DOC),
        "min_fps": (24.0, None, UP),
        "max_fps": (60.0, None, UP),
        "min_duration_s": (2.0, 1.8, UP),
        "max_duration_s": (15.0, 15.2, UP),
        "useful_duration_s": (8.0, None, "advice"),
        "min_total_duration_s": (2.0, 1.8, DOC),
        "max_total_duration_s": (15.0, 15.2, DOC),
        "max_total_bytes": (49_999_999, 52_428_800, DOC),
        "max_count": (3, None, DOC),
        **SIDES,
    },
    "audio": {
        **SOUND_FORMATS,
        "min_duration_s": (2.0, 1.8, UP),
        "max_duration_s": (15.0, 15.2, UP),
        "max_bytes": (15_000_000, 15_728_640, DOC),
        "max_total_duration_s": (15.0, 15.2, DOC),
        "max_count": (3, None, DOC),
    },
    "set": {"max_files": (12, None, DOC), "audio_needs_visual": (True, None, DOC), **USEFUL_PROMPT},
}
LIMITS_2_5: dict[str, dict[str, tuple[Any, Any, str]]] = {
    "image": {
        "containers": (("jpeg", "png", "webp", "bmp", "tiff", "gif", "heif"), None, DOC),
        "max_bytes": (30_000_000, 31_457_280, DOC),
        "max_count": (30, None, DOC),
        "min_area_px": (90_000, None, UP),
        **SIDES,
    },
    "video": {
        "containers": (("mp4", "mov"), None, DOC),
        "codecs": (("h264", "hevc"), None, UP),
        "audio_codecs": (("aac", "mp3"), None, UP),
        "min_fps": (24.0, None, UP),
        "max_fps": (60.0, None, UP),
        "min_duration_s": (1.8, None, DOC),
        "max_duration_s": (30.2, None, DOC),
        "max_bytes": (200_000_000, 209_715_200, DOC),
        "max_total_duration_s": (30.2, None, DOC),
        "max_count": (10, None, DOC),
        **SIDES,
    },
    "audio": {
        **SOUND_FORMATS,
        "min_duration_s": (1.8, None, DOC),
        "max_duration_s": (30.2, None, DOC),
        "max_bytes": (15_000_000, 15_728_640, DOC),
        "max_total_duration_s": (30.2, None, DOC),
        "max_count": (10, None, DOC),
    },
    "set": {"max_files": (50, None, DOC), "audio_needs_visual": (True, None, DOC)},
}
TABLES = {SEEDANCE_2: LIMITS_2_0, FAST: LIMITS_2_0, MINI: LIMITS_2_0, SEEDANCE_2_5: LIMITS_2_5}

# parameter: (choices or type, default), in the words of the endpoint's page and of its OpenAPI document
SHARED: dict[str, tuple[Any, Any]] = {
    "aspect_ratio": (("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"), "auto"),
    "generate_audio": ("boolean", True),
    "end_user_id": ("string", None),
}
TO_15_S = {"duration": (("auto", *map(str, range(4, 16))), "auto")}
BIT_RATE = {"bitrate_mode": (("standard", "high"), "standard")}
SEED = {"seed": ("integer", None)}
TO_720P = {"resolution": (("480p", "720p"), "720p")}
PARAMETERS: dict[str, dict[str, tuple[Any, Any]]] = {
    SEEDANCE_2: SHARED | TO_15_S | BIT_RATE | SEED | {"resolution": (("480p", "720p", "1080p", "4k"), "720p")},
    FAST: SHARED | TO_15_S | SEED | TO_720P,
    MINI: SHARED | TO_15_S | TO_720P,
    SEEDANCE_2_5: SHARED
    | BIT_RATE
    | SEED
    | {
        "resolution": (("480p", "720p", "1080p"), "720p"),
        "duration": (("auto", *map(str, range(4, 31))), "auto"),
        "task": (("reference", "editing", "extension"), "reference"),
        "codec": (("auto", "H264", "H265"), "auto"),
    },
}


def _limits(spec: EndpointSpec) -> Iterator[tuple[str, str, Limit[Any]]]:
    for group in TABLES[SEEDANCE_2]:
        for name, limit in getattr(spec, group):
            if isinstance(limit, Limit):
                yield group, name, limit


def _toml(name: str) -> str:
    return files("prep.specs").joinpath(name).read_text("utf-8")


def test_there_are_these_endpoints() -> None:
    assert set(all_specs()) == set(ENDPOINTS)
    assert DEFAULT_ENDPOINT == SEEDANCE_2


@pytest.mark.parametrize("path", sorted(ROOT.glob("prep/specs/*.toml")), ids=lambda path: path.name)
def test_every_toml_loads(path: Path) -> None:
    spec = parse_spec(path.read_text("utf-8"), path.name)
    assert all_specs()[spec.endpoint] == spec


@pytest.mark.parametrize(
    ("endpoint", "group", "name"),
    [(endpoint, group, name) for endpoint, table in TABLES.items() for group in table for name in table[group]],
)
def test_limit(endpoint: str, group: str, name: str) -> None:
    limit = getattr(getattr(load_spec(endpoint), group), name)
    assert limit is not None, "the limit is missing"
    value, accepted, basis = TABLES[endpoint][group][name]
    assert (limit.value, limit.accepted, limit.basis) == (value, accepted, basis)
    assert type(limit.value) is type(value)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_limit_is_stated_that_no_source_states(endpoint: str) -> None:
    stated = {(group, name) for group, name, _ in _limits(load_spec(endpoint))}
    assert stated == {(group, name) for group, table in TABLES[endpoint].items() for name in table}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_limit_says_where_it_comes_from(endpoint: str) -> None:
    for group, name, limit in _limits(load_spec(endpoint)):
        assert limit.source.startswith("https://"), f"{group}.{name}"
        assert limit.checked >= date(2026, 1, 1), f"{group}.{name}"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_accepted_is_wider_than_what_is_strict(endpoint: str) -> None:
    for group, name, limit in _limits(load_spec(endpoint)):
        if limit.accepted is not None:
            assert (limit.accepted < limit.value) is name.startswith("min_"), f"{group}.{name}"
            assert limit.tolerated == limit.accepted
        else:
            assert limit.tolerated == limit.value


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_parameters(endpoint: str) -> None:
    spec = load_spec(endpoint)
    parameters = {name: (parameter.choices or parameter.type, parameter.default) for name, parameter in spec.request}
    assert parameters == PARAMETERS[endpoint]
    for name, parameter in spec.request:
        assert parameter.source.startswith("https://fal.ai/"), name
        assert (parameter.basis, parameter.checked >= date(2026, 1, 1)) == (DOC, True), name
        assert parameter.listed or name == "seed", name


def test_only_25_lists_seed() -> None:
    listed = {name: spec.request["seed"].listed for name, spec in all_specs().items() if spec.request.get("seed")}
    assert listed == {SEEDANCE_2: False, FAST: False, SEEDANCE_2_5: True}


def test_the_tasks_of_25_reset_other_parameters() -> None:
    task = load_spec(SEEDANCE_2_5).request["task"]
    assert task.resets == {"editing": ("aspect_ratio", "duration"), "extension": ("aspect_ratio",)}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_contract_keeps_choices_and_defaults_apart_as_well(endpoint: str) -> None:
    spec = load_spec(endpoint)
    request = json.loads(spec.model_dump_json())["request"]
    for name in ("resolution", "duration", "aspect_ratio"):
        parameter = spec.request[name]
        assert request[f"{name}s"]["value"] == list(parameter.choices or ()) == request[name]["choices"]
        assert request[f"{name}_default"] == parameter.default
        assert request[f"{name}s"]["source"] == parameter.source


@pytest.mark.parametrize(
    ("endpoint", "units", "rates", "factor_on"),
    [
        (
            SEEDANCE_2,
            {"480p": "0.014", "720p": "0.014", "1080p": "0.014"},
            {"720p": "0.3024", "1080p": "0.682"},
            "all",
        ),
        (FAST, {"480p": "0.0112", "720p": "0.0112"}, {"720p": "0.2419"}, "all"),
        (MINI, {"480p": "0.007", "720p": "0.007"}, {"480p": "0.0721", "720p": "0.1547"}, "input"),
        (
            SEEDANCE_2_5,
            {"480p": "0.0214", "720p": "0.0214", "1080p": "0.0234"},
            {"480p": "0.2205", "720p": "0.4730", "1080p": "1.164"},
            "all",
        ),
    ],
)
def test_price(endpoint: str, units: dict[str, str], rates: dict[str, str], factor_on: str) -> None:
    price = load_spec(endpoint).price
    assert price is not None
    assert {resolution: str(unit) for resolution, unit in price.usd_per_1000_tokens.items()} == units
    assert {resolution: str(rate) for resolution, rate in price.usd_per_s.items()} == rates
    assert (price.fps, price.extra_frames, price.basis) == (24, 1, DOC)
    assert (str(price.video_factor), price.video_factor_on) == ("0.6", factor_on)
    assert price.source.startswith("https://")
    least = price.least_s_per_output_s
    assert least is not None and (least.value, least.basis) == (Fraction(5, 3), UP)


ASPECTS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
SIZES = {
    "480p": ((864, 496), (752, 560), (640, 640), (560, 752), (496, 864), (992, 432)),
    "720p": ((1280, 720), (1112, 834), (960, 960), (834, 1112), (720, 1280), (1470, 630)),
    "1080p": ((1920, 1080), (1664, 1248), (1440, 1440), (1248, 1664), (1080, 1920), (2206, 946)),
    "4k": ((3840, 2160), (3326, 2494), (2880, 2880), (2494, 3326), (2160, 3840), (4398, 1886)),
}
SIZES_2_5 = {
    "480p": ((854, 480), (752, 560), (640, 640), (560, 752), (480, 854), (992, 432)),
    "720p": SIZES["720p"],
    "1080p": SIZES["1080p"],
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_sizes_of_the_result(endpoint: str) -> None:
    spec = load_spec(endpoint)
    assert spec.price is not None
    sizes = {(size.resolution, size.aspect_ratio): (size.width, size.height) for size in spec.price.sizes}
    table = SIZES_2_5 if endpoint == SEEDANCE_2_5 else SIZES
    for resolution in spec.request.resolution.choices or ():
        assert tuple(sizes[resolution, aspect] for aspect in ASPECTS) == table[resolution]


def test_checked_is_the_oldest_date() -> None:
    text = _toml("seedance-2.0.toml")
    older = text.replace("checked = 2026-11-22", "checked = 2026-03-01", 1)
    assert older != text
    assert parse_spec(text, "a").checked == date(2026, 9, 22)
    assert parse_spec(older, "a").checked == date(2026, 3, 1)


def test_a_spec_is_its_own_endpoint() -> None:
    spec = load_spec(FAST)
    assert load_spec(spec) is spec
    assert load_spec().endpoint == SEEDANCE_2


@pytest.mark.parametrize("endpoint", ["", "seedance", "bytedance/seedance-2.0", SEEDANCE_2 + "/", SEEDANCE_2.upper()])
def test_an_unknown_endpoint_names_those_that_are_known(endpoint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_spec(endpoint)
    message = str(caught.value)
    assert message.startswith(f"{endpoint}: ")
    assert all(known in message for known in ENDPOINTS)
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("path", sorted(ROOT.glob("prep/specs/*.toml")), ids=lambda path: path.name)
def test_a_source_is_written_once_and_used(path: Path) -> None:
    """An address stands in [sources] alone, and every source that a document names is one of its limits'."""
    document = tomllib.loads(path.read_text("utf-8"))
    cited = set(re.findall(r'source = "([^"]+)"', path.read_text("utf-8")))
    assert not [source for source in cited if "://" in source]
    assert set(document.get("sources", {})) <= cited | ({"fal"} if "extends" in document else set())


def test_a_spec_can_be_made_of_a_document_alone() -> None:
    """No endpoint is special: a document under another id works as well."""
    text = _toml("seedance-2.0.toml").replace(f'endpoint = "{SEEDANCE_2}"', 'endpoint = "me/mine"')
    assert load_spec(parse_spec(text, "mine.toml")).endpoint == "me/mine"


def test_limits_do_not_change() -> None:
    spec = load_spec()
    with pytest.raises(ValidationError):
        spec.image.max_count.value = 99  # type: ignore[misc]


def _names_of_endpoints(path: Path) -> Iterator[str]:
    """Names of endpoints in code; docstrings and help texts may hold some."""
    tree = ast.parse(path.read_text("utf-8"))
    spared = {
        id(value)
        for node in ast.walk(tree)
        for value in (
            *([node.value] if isinstance(node, ast.Expr) else []),
            *([node.value] if isinstance(node, ast.keyword) and node.arg in ("epilog", "help") else []),
        )
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in spared:
            continue
        if any(name in node.value.lower() for name in ("seedance", "bytedance", "reference-to-video")):
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"


def test_no_code_knows_an_endpoint() -> None:
    known = [
        found
        for package in ("prep", "submit")
        for path in sorted(ROOT.joinpath(package).rglob("*.py"))
        for found in _names_of_endpoints(path)
    ]
    assert [found.partition(": ")[2] for found in known] == [SEEDANCE_2], known
    assert known[0].startswith("prep/specs/load.py:")


def test_the_help_names_the_default() -> None:
    """The help is written out: reading the specs for it would take too long."""
    options = [option for command in all_commands() for option in command.params if "--endpoint" in option.opts]
    assert options
    assert all(f"[default: {DEFAULT_ENDPOINT}]" in str(vars(option)["help"]) for option in options)
