"""The part of a sound that is kept, chosen by its content."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.model.analysis import HEARD_STEP_S, Heard, Scan
from prep.model.plan import Options, Trim, Window, find
from prep.model.reference import Part, Reference
from prep.model.source import Source
from prep.planning import plan_set
from prep.planning.trim.audio_window import best_stretches
from prep.specs import load_spec
from tests.made import audio, image

SPOKEN, LOUD, QUIET, SILENT = (-18, True), (-18, False), (-50, False), (-90, False)


def _heard(*parts: tuple[float, tuple[int, bool]], start_s: float = 0.0, detector: bool = True) -> Heard:
    """A stretch of parts, each of so many seconds of one thing."""
    steps = [what for seconds, what in parts for _ in range(round(seconds / HEARD_STEP_S))]
    speech = tuple(spoken for _, spoken in steps) if detector else None
    return Heard(start_s=start_s, levels_dbfs=tuple(level for level, _ in steps), speech=speech)


def _best(*parts: tuple[float, tuple[int, bool]], length_s: float = 5.0, detector: bool = True) -> Window:
    heard = _heard(*parts, detector=detector)
    return best_stretches((heard,), sum(seconds for seconds, _ in parts), length_s, 2.0)[0]


def test_silence_at_the_start_is_skipped() -> None:
    found = _best((7.0, SILENT), (12.0, SPOKEN))
    assert 6.9 <= found.start_s <= 7.0
    assert found.duration_s == 5.0


def test_speech_goes_before_loudness() -> None:
    found = _best((10.0, (-6, False)), (1.0, QUIET), (5.2, (-24, True)), (10.0, (-6, False)))
    assert found.start_s == pytest.approx(11, abs=0.31)
    assert found.why.endswith("% speech, starts in a pause")


@pytest.mark.parametrize("detector", [True, False])
def test_without_speech_the_most_sound_is_kept(detector: bool) -> None:
    found = _best((10.0, (-40, False)), (6.0, (-12, False)), (10.0, (-40, False)), detector=detector)
    assert 9.9 <= found.start_s <= 11
    assert found.why.startswith("the loudest part")


def test_one_bang_is_not_the_most_sound() -> None:
    found = _best((3.0, (-45, False)), (0.1, (-1, False)), (10.0, (-45, False)), (6.0, (-20, False)))
    assert found.start_s >= 13


@pytest.mark.parametrize(
    ("pauses", "ends_at_s"),
    [
        ([(4.8, 0.2)], 4.8),
        ([(4.2, 0.2)], 4.2),
        ([(4.35, 0.4), (4.87, 0.12)], 4.35),  # a sentence goes before a word
        ([(2.4, 0.4), (4.8, 0.12)], 4.8),  # but not before so much
    ],
)
def test_the_end_is_moved_to_a_pause_before_it(pauses: list[tuple[float, float]], ends_at_s: float) -> None:
    """Five seconds of a speech that begins at once, and is without pauses later."""
    parts: list[tuple[float, tuple[int, bool]]] = []
    at_s = 0.0
    for start_s, lasts_s in pauses:
        parts += [(start_s - at_s, SPOKEN), (lasts_s, QUIET)]
        at_s = start_s + lasts_s
    found = _best(*parts, (30 - at_s, SPOKEN))
    assert found.start_s == 0
    assert ends_at_s <= found.start_s + found.duration_s <= ends_at_s + 0.13
    assert found.why.endswith("from one pause to another")


def test_a_pause_that_costs_too_much_is_left() -> None:
    found = _best((1.9, SPOKEN), (0.4, QUIET), (30.0, SPOKEN))
    assert found.duration_s == 5
    assert "ending" not in found.why and "cut in" not in found.why


def test_the_start_is_moved_to_a_pause() -> None:
    found = _best((3.0, SPOKEN), (0.3, QUIET), (30.0, SPOKEN))
    assert found.start_s in (0.0, pytest.approx(3.24, abs=0.07), pytest.approx(28.3, abs=0.01))


def test_a_gap_within_a_word_is_no_pause() -> None:
    words = [(0.6, SPOKEN), (0.06, QUIET)] * 40
    assert "from one pause to another" not in _best(*words).why


def test_nothing_is_cut_below_the_least() -> None:
    found = _best((1.9, SPOKEN), (0.2, QUIET), (20.0, SPOKEN), length_s=2.0)
    assert found.duration_s == 2.0


def test_of_equals_the_first() -> None:
    assert _best((30.0, SPOKEN)).start_s == 0


def test_where_nothing_is_heard_nothing_is_chosen() -> None:
    assert best_stretches((), 30, 5, 2) == ()
    assert best_stretches((_heard((30.0, SILENT)),), 30, 5, 2) == ()


def test_of_a_long_sound_the_best_stretch_heard() -> None:
    parts = [_heard((40.0, LOUD), start_s=start) for start in (0.0, 1000.0)]
    spoken = _heard((20.0, QUIET), (12.0, SPOKEN), (8.0, QUIET), start_s=2000.0)
    found = best_stretches((*parts, spoken), 3600, 10, 2)[0]
    assert found.start_s == pytest.approx(2020, abs=0.1)


STEPS = st.lists(st.tuples(st.integers(-90, 0), st.booleans(), st.integers(1, 60)), max_size=60)


@given(steps=STEPS, length_s=st.floats(2, 20), detector=st.booleans(), start_s=st.sampled_from([0.0, 700.0]))
@settings(deadline=None)
def test_the_stretch_lies_inside_the_sound(
    steps: list[tuple[int, bool, int]], length_s: float, detector: bool, start_s: float
) -> None:
    heard = _heard(*((count * HEARD_STEP_S, (level, spoken)) for level, spoken, count in steps), start_s=start_s)
    duration_s = start_s + max(length_s, len(heard.levels_dbfs) * HEARD_STEP_S) + 0.013
    if not detector:
        heard = heard.model_copy(update={"speech": None})
    windows = best_stretches((heard,), duration_s, length_s, 2.0)
    assert len(windows) <= 4
    for found in windows:
        assert found.start_s >= start_s
        assert found.start_s + found.duration_s <= duration_s
        assert found.duration_s <= length_s + 0.001
        if len(heard.levels_dbfs) * HEARD_STEP_S >= length_s:
            assert found.duration_s >= max(min(2.0, length_s), length_s - 3) - HEARD_STEP_S - 0.001


def _trim(scan: Scan, part: Part | None = None, **options: object) -> Trim:
    source = Source(tag="@Audio1", reference=Reference(location="a", part=part), info=audio(60), scan=scan)
    see = Source(tag="@Image1", reference=Reference(location="b"), info=image())
    plan = plan_set((source, see), load_spec(), Options.model_validate(options))
    assert plan.unfixable == ()
    assert "extend" not in [step.kind for step in plan.entries[0].steps]
    trim = find(plan.entries[0].steps, Trim)
    assert trim is not None
    return trim


def test_the_plan_keeps_the_stretch_and_says_why() -> None:
    scan = Scan(heard=(_heard((20.0, SILENT), (14.5, SPOKEN), (0.2, QUIET), (25.3, SPOKEN)),))
    trim = _trim(scan)
    assert trim.start_s == pytest.approx(19.92, abs=0.001)
    assert trim.duration_s == pytest.approx(14.7, abs=0.001)
    assert trim.note == "99% speech, from one pause to another"


def test_another_window_or_the_users_part_is_kept_as_asked() -> None:
    scan = Scan(heard=(_heard((20.0, SILENT), (40.0, SPOKEN)),))
    assert _trim(scan, window="start").start_s == 0
    assert _trim(scan, part=Part(start_s=3)).start_s == 3
    assert _trim(scan, part=Part(start_s=3, end_s=9)).duration_s == 6
