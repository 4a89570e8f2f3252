"""Changes of a draft: tags follow their references, and so does the prompt."""

import pytest

from prep.errors import UsageError
from prep.model.generation import Generation
from prep.model.media import exact_rate
from prep.model.plan import Options, Trim, find
from prep.model.reference import Crop, Part, Reference
from prep.model.source import Source
from prep.planning import plan_set
from prep.specs import load_spec
from submit.review.draft import Card, Draft, added, cropped, in_order, moved, removed, renamed, tracked, trimmed
from submit.review.view.page import exact_moment
from submit.review.view.parameters import with_option, with_parameter
from tests.made import SEEDANCE_2, audio, image, video

SPEC = load_spec(SEEDANCE_2)


def _card(name: str, info: object, called: str | None = None) -> Card:
    reference = Reference(location=f"{name}.bin", name=called)
    return Card(id=name, reference=reference, source=Source(tag="", reference=reference, info=info))  # type: ignore[arg-type]


def _draft(prompt: str) -> Draft:
    cards = (_card("a", image(), "hero"), _card("b", video()), _card("c", image()), _card("d", audio()))
    return Draft(cards=cards, prompt=prompt)


def test_tags_count_by_kind_in_the_order_of_the_cards() -> None:
    assert _draft("").tags == {"a": "@Image1", "b": "@Video1", "c": "@Image2", "d": "@Audio1"}
    assert moved(_draft(""), "c", 0).tags == {"c": "@Image1", "a": "@Image2", "b": "@Video1", "d": "@Audio1"}


@pytest.mark.parametrize(
    ("change", "prompt"),
    [
        (lambda draft: moved(draft, "c", 0), "@hero and @image1, then @Image1-like; me@Image2.com @Image1"),
        (lambda draft: removed(draft, "a"), "@removed_hero and @Image1, then @Image1-like; me@Image2.com @Image1"),
        (
            lambda draft: removed(draft, "c"),
            "@hero and @removed_image2, then @removed_Image2-like; me@Image2.com @removed_Image2",
        ),
        (lambda draft: renamed(draft, "a", "@star"), "@star and @Image2, then @Image2-like; me@Image2.com @Image2"),
        (lambda draft: renamed(draft, "a", ""), "@Image1 and @Image2, then @Image2-like; me@Image2.com @Image2"),
        (
            lambda draft: added(draft, (_card("e", image()),)),
            "@hero and @image2, then @Image2-like; me@Image2.com @Image2",
        ),
    ],
    ids=["moved", "named one removed", "tagged one removed", "renamed", "name taken away", "added"],
)
def test_the_prompt_follows(change: object, prompt: str) -> None:
    draft = change(_draft("@hero and @image2, then @Image2-like; me@Image2.com @Image2"))  # type: ignore[operator]
    assert draft.prompt.lower() == prompt.lower()


def test_names_differ_and_are_names() -> None:
    with pytest.raises(UsageError, match=r"@Hero is the name of a\.bin already"):
        renamed(_draft(""), "b", "Hero")
    with pytest.raises(UsageError, match="is not a name"):
        renamed(_draft(""), "b", "no space")
    with pytest.raises(UsageError, match="own tags"):
        renamed(_draft(""), "b", "Image7")


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        ("1:03.5", "1:08", Part(start_s=63.5, end_s=68)),
        ("", "4", Part(start_s=0, end_s=4)),
        ("2", "", Part(start_s=2)),
        (" ", "", None),
    ],
)
def test_times_are_read_as_on_the_command_line(start: str, end: str, part: Part | None) -> None:
    assert trimmed(_draft(""), "b", start, end).card("b").reference.part == part


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        (("1", "4", "start"), ("1", "4")),
        (("10", "0:04", "start"), ("10", "12.500000")),
        (("0:10", "4", "end"), ("1.500000", "4")),
        (("10", "1", "end"), ("0.000000", "1")),
        (("10", "", "start"), ("10", "")),
    ],
    ids=["in order", "the end goes along", "the start goes along", "not before the clip", "to the end"],
)
def test_a_time_that_passes_the_other_takes_it_along(typed: tuple[str, str, str], times: tuple[str, str]) -> None:
    assert in_order(*typed, 2.5) == times


@pytest.mark.parametrize(("fps", "frames"), [(30.0, 61), (29.97, 61), (59.94, 7), (24.0, 100)])
def test_a_part_ends_on_whole_frames_also_as_it_is_typed(fps: float, frames: int) -> None:
    """A rounded time must not lose a frame, nor add one."""
    draft = Draft(cards=(_card("b", video(1920, 1080, 120.0, fps)),))
    rate = exact_rate(fps)
    start_s, end_s = float(977 / rate), float((977 + frames) / rate)
    for start, end in ((f"{start_s:.4f}", f"{end_s:.4f}"), (exact_moment(start_s), exact_moment(end_s))):
        (source,) = trimmed(draft, "b", start, end).sources
        trim = find(plan_set([source], SPEC, Options()).entries[0].steps, Trim)
        assert trim is not None
        assert round(trim.start_s * rate, 2) == 977 and round(trim.duration_s * rate, 2) == frames


@pytest.mark.parametrize("typed", [("5", "4"), ("x", "4"), ("1", "1e9999"), ("-1", "3")])
def test_times_that_are_none_are_refused(typed: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        trimmed(_draft(""), "b", *typed)


def test_a_crop_stays_inside_the_picture() -> None:
    crop = cropped(_draft(""), "a", (33.333, 0, 66.7, 100)).card("a").reference.crop
    assert crop == Crop(unit="percent", x=33.333, y=0, width=66.667, height=100)
    assert cropped(_draft(""), "a", None).card("a").reference.crop is None
    with pytest.raises(UsageError):
        cropped(_draft(""), "a", (0, 0, 0, 50))


def test_another_track_is_read_again() -> None:
    card = tracked(_draft(""), "b", "audio").card("b")
    assert (card.reference.track, card.source) == ("audio", None)
    assert _draft("").waiting is False and tracked(_draft(""), "b", "audio").waiting


def test_what_is_not_there_any_more() -> None:
    for change in (removed, lambda draft, card: moved(draft, card, 0)):
        with pytest.raises(UsageError, match="not on the page any more"):
            change(_draft(""), "z")


def test_parameters_and_options_are_the_librarys() -> None:
    asked = with_parameter(Generation(), SPEC, "duration", "8")
    assert asked.asked() == {"duration": "8"}
    assert with_parameter(asked, SPEC, "duration", "auto").asked() == {}
    assert with_parameter(Generation(), SPEC, "generate_audio", "false").asked() == {"generate_audio": False}
    assert with_parameter(Generation(), SPEC, "seed", "7").asked() == {"seed": 7}
    with pytest.raises(UsageError, match="no parameter"):
        with_parameter(Generation(), SPEC, "prompt", "x")
    assert with_option(Options(), "fit", "crop") == Options(fit="crop")
    assert with_option(Options(mute=True), "mute", "false") == Options()
    assert with_option(Options(), "seconds", "4.5") == Options(seconds=4.5)
    with pytest.raises(UsageError):
        with_option(Options(), "background", "whte")
