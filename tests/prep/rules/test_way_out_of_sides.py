"""The ways out of findings about one picture's sides, or a length: together they are what a plan does."""

import pytest

from prep import Options, check
from prep.rules.sides import check_enlargement, check_sides
from prep.specs import DEFAULT_ENDPOINT, load_spec
from tests.types import Media

LIMITS = load_spec(DEFAULT_ENDPOINT).image
PAD = "pad it above and below; `fit=crop` crops it instead"


@pytest.mark.parametrize(
    ("width", "height", "fixes", "enlarged"),
    [
        pytest.param(
            32_768,
            100,
            {
                "image-side-too-short": PAD,
                "image-side-too-long": "scale it down",
                "image-aspect-too-wide": PAD,
            },
            False,
            id="bars make up for what is short",
        ),
        pytest.param(1000, 100, {"image-side-too-short": PAD, "image-aspect-too-wide": PAD}, False, id="only bars"),
        pytest.param(
            200,
            20,
            {
                "image-side-too-short": "scale it up",
                "image-area-too-small": "scale it up",
                "image-aspect-too-wide": PAD,
            },
            True,
            id="too small even with bars",
        ),
        pytest.param(
            100,
            100,
            {"image-side-too-short": "scale it up", "image-area-too-small": "scale it up"},
            True,
            id="no bars are needed",
        ),
    ],
)
def test_ways_out(width: int, height: int, fixes: dict[str, str], enlarged: bool) -> None:
    findings = check_sides("image", width, height, LIMITS)
    assert {finding.rule: finding.fix for finding in findings} == fixes
    assert bool(check_enlargement("image", width, height, LIMITS)) == enlarged


def test_a_way_out_is_the_one_that_was_chosen(media: Media) -> None:
    files = [media("panorama.png"), media("short_1s.mp4"), media("short_1s.wav")]
    found = check(files, options=Options(fit="crop", short="loop")).findings
    fixes = {finding.rule: finding.fix for finding in found}
    assert fixes["image-aspect-too-wide"] == "crop it"
    assert fixes["video-too-short"] == fixes["audio-too-short"] == "repeat it until it is long enough"
    assert not any("instead" in fix for fix in fixes.values() if fix)
