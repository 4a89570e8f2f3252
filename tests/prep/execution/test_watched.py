"""Advice about what a video shows, which `prepare` takes out of its encode and `plan` out of the source."""

from pathlib import Path

import pytest

from fixtures.clip import encode_clip
from prep import Options, plan, prepare
from prep.model.finding import Finding
from prep.rules.content import LOOKED_FOR
from tests.prep.media.scenes import FIXED, X264, film

WHITE, LOOP = Options(background="white"), Options(short="loop")


def _advice(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in findings if finding.rule in LOOKED_FOR]


# Lengths of shots in frames at 25 fps, filters after them, the part, options, and the seconds of the cuts.
CASES = {
    "scaled": ((70, 80), "null", "", Options(), ["0:02.8"]),
    "one-shot": ((150,), "null", "", Options(), []),
    "three-shots": ((50, 40, 60), "null", "", Options(), ["0:02.0", "0:03.6"]),
    "part": ((70, 80), "null", "#t=1,5", Options(), ["0:02.8"]),
    "flash-at-start": ((32, 100), "null", "#t=1,5", Options(), ["0:01.3"]),
    "cropped": ((70, 80), "null", "#xywh=100,20,200,200", Options(), ["0:02.8"]),
    "frames-repeated": ((70, 80), "fps=10", "", Options(), ["0:02.8"]),
    "bars": ((70, 80), "crop=426:100", "", WHITE, ["0:02.8"]),
    "looped": ((20, 20), "null", "", LOOP, ["0:00.8"]),
    "flashes": ((150,), "eq=brightness='if(eq(mod(n,40),20),0.9,0)':eval=frame", "", Options(), []),
}


@pytest.mark.parametrize(("lengths", "after", "part", "options", "cuts"), CASES.values(), ids=CASES)
def test_an_encode_shows_what_the_source_shows(
    tmp_path: Path, lengths: tuple[int, ...], after: str, part: str, options: Options, cuts: list[str]
) -> None:
    clip = film(tmp_path / "clip.mp4", (*X264, *FIXED), lengths, after=after)
    reference, out, cache = f"{clip}{part}", tmp_path / "out", tmp_path / "cache"
    advice = _advice(prepare([reference], out=out, options=options, cache=cache).findings)
    assert [cut for cut in cuts if any(cut in message for _, message in advice)] == cuts, advice
    assert bool(advice) is bool(cuts)
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "video1-clip.mp4"]
    assert _advice(plan([reference], options=options).warnings) == advice, "a look at the source"
    assert _advice(plan([reference], options=options, cache=cache).warnings) == advice, "what the encode showed"
    assert _advice(prepare([reference], out=out, options=options, cache=cache).findings) == advice, "a cached file"


@pytest.mark.parametrize("options", [Options(), Options(mute=True)], ids=["heard", "muted"])
def test_the_sound_of_an_encode_is_listened_to(tmp_path: Path, options: Options) -> None:
    encode_clip(tmp_path / "clip.mp4", size=(426, 240), seconds=3, sound=("0", "0"))
    manifest = prepare([tmp_path / "clip.mp4"], out=tmp_path / "out", options=options)
    assert [rule for rule, _ in _advice(manifest.findings)] == ([] if options.mute else ["video-sound-near-silent"])
