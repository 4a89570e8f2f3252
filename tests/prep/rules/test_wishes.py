"""Advice about a prompt and its parameters together: for and against each rule."""

from typing import Any

import pytest

from prep import check
from prep.model.generation import Generation
from prep.model.media import MediaInfo
from prep.model.reference import Part
from prep.rules import Wishes, check_prompt_length, check_wishes
from prep.specs import load_spec
from prep.specs.parameters import with_defaults
from tests.made import FAST, SEEDANCE_2, SEEDANCE_2_5, audio, image, video
from tests.types import Media

SOUND, EDITING, SHORTER = "request-sound-not-generated", "request-reads-as-editing", "request-shorter-than-reference"
LONG = "prompt-longer-than-useful"
MEDIA: dict[str, MediaInfo] = {"@Image1": image(), "@Video1": video(duration_s=5.0), "@Audio1": audio(duration_s=5.0)}
NAMES = {"@Image1": "hero", "@Video1": "walk", "@Audio1": "voice"}


def _rules(prompt: str, endpoint: str = SEEDANCE_2, media: dict[str, MediaInfo] = MEDIA, **asked: Any) -> list[str]:
    spec = load_spec(endpoint)
    names = {tag: NAMES.get(tag) for tag in media}
    findings = check_wishes(Wishes(prompt, with_defaults(Generation(**asked), spec), media, names), spec)
    assert all((finding.severity, finding.basis) == ("warning", "advice") for finding in findings), "advice never fails"
    return [finding.rule for finding in findings]


@pytest.mark.parametrize(
    "prompt",
    [
        "she sings in the rain",
        "soft piano music",
        "He says @voice",
        "the sound of waves",
        "with a VOICE-OVER",
        'she whispers "come"',
        "no cuts, upbeat soundtrack",
        "配上音乐",
    ],
)
def test_sound_is_asked_for(prompt: str) -> None:
    assert _rules(prompt, generate_audio=False) == [SOUND]
    assert _rules(prompt, generate_audio=True) == []
    assert _rules(prompt) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "no music",
        "without any music or voice",
        "no dialogue, no background music",
        "she waves like @walk, as in @voice",
        "a musician walks past a soundproof door",
        "@hero essays a smile",
    ],
)
def test_no_sound_is_asked_for(prompt: str) -> None:
    assert _rules(prompt, generate_audio=False) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Replace the car in @walk with @hero",
        "In the rain. Change the jacket of the man in the video to red",
        "Remove the logo from @Video1",
        "add snow to the clip",
        "@hero replaces the dancer in @Video1",
        "把视频里的人物换成 @hero",
    ],
)
def test_it_reads_as_editing(prompt: str) -> None:
    assert _rules(prompt, SEEDANCE_2_5, duration=5) == [EDITING]
    assert _rules(prompt, SEEDANCE_2_5, aspect_ratio="16:9") == [EDITING]
    assert _rules(prompt, SEEDANCE_2_5) == [], "nothing is fixed"
    assert _rules(prompt, SEEDANCE_2_5, duration="auto") == []
    assert _rules(prompt, SEEDANCE_2_5, duration=5, task="editing") == [], "it is said to be one"
    assert _rules(prompt, SEEDANCE_2, duration=5) == [], "this endpoint has no such task"
    assert _rules(prompt, SEEDANCE_2_5, {"@Image1": image()}, duration=5) == [], "there is no video to edit"


@pytest.mark.parametrize(
    "prompt",
    [
        "@hero walks like the person in @walk",
        "The light changes as in @Video1",
        "Add a lens flare. Follow the camera of @walk",
        "replace nothing",
        "@hero adds sugar to the tea",
    ],
)
def test_it_does_not_read_as_editing(prompt: str) -> None:
    assert _rules(prompt, SEEDANCE_2_5, duration=5) == []


def test_what_the_edit_says() -> None:
    spec, prompt = load_spec(SEEDANCE_2_5), "replace the old red car there in @walk by @hero"
    generation = with_defaults(Generation(duration=5, aspect_ratio="1:1"), spec)
    (finding,) = check_wishes(Wishes(prompt, generation, MEDIA, NAMES), spec)
    assert finding.message == (
        'the prompt seems to ask for an edit of a video ("replace the old red car there…"), which has the length and '
        "aspect ratio of that video: with aspect_ratio=1:1 and duration=5 it may be refused"
    )


@pytest.mark.parametrize(
    ("duration_s", "duration", "rules"),
    [
        pytest.param(4.0, 4, [], id="as long"),
        pytest.param(4.5, 4, [], id="at the limit"),
        pytest.param(4.51, 4, [SHORTER], id="over"),
        pytest.param(14.9, "auto", [], id="auto"),
        pytest.param(14.9, 15, [], id="longer"),
    ],
)
@pytest.mark.parametrize("kind", ["video", "audio"])
def test_shorter_than_what_it_follows(kind: str, duration_s: float, duration: int | str, rules: list[str]) -> None:
    make = {"video": video, "audio": audio}[kind]
    media: dict[str, MediaInfo] = {f"@{kind.capitalize()}1": make(duration_s=duration_s)}
    assert _rules(f"follow @{kind}1", media=media, duration=duration) == rules
    assert _rules("something else", media=media, duration=duration) == [], "it is not to be followed"


@pytest.mark.parametrize(
    ("part", "prepared", "advice"),
    [
        pytest.param(None, False, "`seconds=5` keeps less", id="no part"),
        pytest.param(Part(start_s=12.5, end_s=22.5), False, "#t=12.5,17.5 keeps less", id="part"),
        pytest.param(Part(start_s=12.5), False, "#t=12.5,17.5 keeps less", id="part to the end"),
        pytest.param(Part(best_s=10), False, "#t=best:5 keeps less", id="best part"),
        pytest.param(
            None, True, "prepare again with 'prep-and-submit prep ... --seconds 5' to keep less", id="prepared, no part"
        ),
        pytest.param(
            Part(start_s=12.5, end_s=22.5), True, "prepare again with #t=12.5,17.5 to keep less", id="prepared, part"
        ),
    ],
)
def test_the_way_to_keep_less(part: Part | None, prepared: bool, advice: str) -> None:
    spec, parts = load_spec(FAST), {"@Video1": part} if part else {}
    media: dict[str, MediaInfo] = {"@Video1": video(duration_s=10.0)}
    generation = with_defaults(Generation(duration=5), spec)
    wishes = Wishes("like @Video1", generation, media, {"@Video1": None}, parts=parts, prepared=prepared)
    (finding,) = check_wishes(wishes, spec)
    assert finding.message.endswith(f"is billed; {advice}")


def test_what_is_lost() -> None:
    spec = load_spec(FAST)
    media: dict[str, MediaInfo] = {"@Video1": video(duration_s=14.9), "@Audio1": audio(duration_s=11.0)}
    wishes = Wishes("@walk to @Audio1", with_defaults(Generation(duration=8), spec), media, {"@Video1": "walk"})
    assert [(finding.tag, finding.message) for finding in check_wishes(wishes, spec)] == [
        (
            "@Video1",
            "14.9 s are sent, but only 8 s are generated: the rest has no effect, but is billed; "
            "`seconds=8` keeps less",
        ),
    ], "a tag counts only when it is a reference's"
    named = wishes._replace(names={"@Video1": "walk", "@Audio1": None})
    assert [finding.message for finding in check_wishes(named, spec)][1] == (
        "11 s are sent, but only 8 s are generated: the rest has no effect"
    )


@pytest.mark.parametrize(
    ("prompt", "rules"),
    [
        pytest.param("word " * 1000, [], id="1000 words"),
        pytest.param("word " * 1001, [LONG], id="1001 words"),
        pytest.param("走" * 500, [], id="500 characters"),
        pytest.param("走" * 501, [LONG], id="501 characters"),
        pytest.param("走" * 400 + "word " * 300, [], id="mixed"),
    ],
)
def test_length_of_a_prompt(prompt: str, rules: list[str]) -> None:
    assert [finding.rule for finding in check_prompt_length(prompt, load_spec(SEEDANCE_2))] == rules
    assert check_prompt_length(prompt, load_spec(SEEDANCE_2_5)) == (), "nothing is documented for it"


def test_check_judges_the_length_too(media: Media) -> None:
    report = check(media("at_limit_300.png"), prompt="@Image1" + " waves" * 1200)
    assert report.ok
    (finding,) = report.findings
    assert finding.message == "the prompt has 1,201 words; beyond 1,000 the model reportedly loses details"
