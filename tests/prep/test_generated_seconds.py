"""Videos for a generation of a known length: what is cut anyway keeps no more than that, since more is only billed."""

import pytest

from prep.errors import UsageError
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options, Plan, Trim, find
from prep.model.reference import Part
from prep.planning import plan_set
from prep.specs import load_spec
from prep.specs.parameters import for_generation
from tests.made import FAST, SEEDANCE_2, SEEDANCE_2_5, Item, audio, sources, video

LONG = video(duration_s=139.0)


def _plan(*items: Item, endpoint: str = SEEDANCE_2, options: Options | None = None, **asked: object) -> Plan:
    spec: EndpointSpec = load_spec(endpoint)
    generation = Generation(**asked)  # type: ignore[arg-type]
    return plan_set(sources(*items), spec, for_generation(options or Options(), generation, spec))


def _kept(plan: Plan) -> list[float | None]:
    trims = [find(entry.steps, Trim) for entry in plan.entries]
    return [trim and round(trim.duration_s, 1) for trim in trims]


@pytest.mark.parametrize(
    ("items", "duration", "kept_s"),
    [
        ((LONG,), "auto", [14.9]),
        ((LONG,), None, [14.9]),
        ((LONG,), 4, [4.0]),
        ((LONG,), 14, [14.0]),
        ((LONG,), 15, [14.9]),
        ((video(duration_s=14.0),), 4, [None]),
        ((video(duration_s=8.0), video(duration_s=9.0)), 4, [4.0, 4.0]),
        ((video(duration_s=3.0), LONG), 5, [None, 5.0]),
        ((LONG, LONG, LONG), 4, [4.0, 4.0, 4.0]),
        ((LONG, LONG, LONG), 6, [5.0, 5.0, 5.0]),
        (((LONG, Part(start_s=2.0, end_s=12.0)),), 4, [10.0]),
        (((LONG, Part(start_s=2.0)),), 4, [14.9]),
        (((LONG, Part(best_s=9.0)),), 4, [9.0]),
        ((LONG, audio(duration_s=60.0)), 4, [4.0, 14.9]),
    ],
    ids=[
        *("auto", "none asked", "shorter", "just within", "as long as is allowed", "compliant as it is"),
        *("both cut", "one whole", "three", "shares are shorter", "a part", "a start", "best", "a sound"),
    ],
)
def test_no_more_than_the_generation_is_kept(
    items: tuple[Item, ...], duration: int | str | None, kept_s: list[float | None]
) -> None:
    assert _kept(_plan(*items, duration=duration)) == [pytest.approx(one, abs=0.1) if one else None for one in kept_s]


@pytest.mark.parametrize("options", [Options(seconds=12), Options(seconds=12, window="start")], ids=["best", "start"])
def test_seconds_of_the_user_stay(options: Options) -> None:
    assert _kept(_plan(LONG, options=options, duration=4)) == [12.0]


@pytest.mark.parametrize(
    ("asked", "kept_s"),
    [
        ({"task": "reference"}, 4.0),
        ({"task": "extension"}, 30.1),
        ({"task": "editing"}, 30.1),
    ],
    ids=["followed", "continued", "edited"],
)
def test_a_video_that_is_edited_or_continued_keeps_its_length(asked: dict[str, object], kept_s: float) -> None:
    kept = _kept(_plan(LONG, endpoint=SEEDANCE_2_5, duration=4, **asked))
    assert kept == [pytest.approx(kept_s, abs=0.1)]


def test_the_reason_says_so_and_how_to_get_more() -> None:
    (entry,) = _plan(LONG, duration=4, endpoint=FAST).entries
    trim = find(entry.steps, Trim)
    assert trim is not None and trim.because == ("video-too-long",)
    assert trim.note.endswith("as long as the result (`seconds=14.9` keeps more)")
    (entry,) = _plan(LONG, duration=4, endpoint=FAST, options=Options(seconds=14.9)).entries
    assert find(entry.steps, Trim) == trim.model_copy(
        update={"duration_s": 14.875, "because": ("asked",), "note": "the start"}
    )


def test_a_wrong_length_is_refused() -> None:
    with pytest.raises(UsageError, match="generated_s"):
        Options(generated_s=0)
