"""Lengths by the samples, whatever headers and other tracks claim; what misleads a reader is copied into a new file."""

import pytest

from prep import check
from prep.model.media import ImageInfo, VideoInfo
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Made, Media

LENGTH, SEVERAL = "video-length-misleading", "video-several-pictures"
# What the file claims, None: nothing that misleads, and the finding about it.
CLAIMS: dict[str, tuple[float | None, str]] = {
    "media_header_short.mp4": (0.3, LENGTH),
    "media_header_60s.mp4": (60.0, LENGTH),
    "movie_header_60s.mp4": (60.0, LENGTH),
    "movie_header_0s.mp4": (0.0, LENGTH),
    "subtitles_60s.mp4": (60.0, LENGTH),
    "fragments_5000s.mp4": (5004.0, LENGTH),
    "two_pictures.mp4": (None, SEVERAL),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_length_is_measured_and_a_wrong_claim_is_corrected_by_a_copy(made: Made, name: str) -> None:
    claimed_s, rule = CLAIMS[name]
    path, entry = made(name)
    info = entry.source.info
    assert isinstance(info, VideoInfo)
    assert info.duration_s == pytest.approx(4, abs=0.1)
    assert info.claimed_s == (None if claimed_s is None else pytest.approx(claimed_s, abs=0.2))
    assert [step.kind for step in entry.steps] == ["remux"]
    assert rule in entry.steps[0].because
    assert reading.picture(path).size == (1280, 720)
    assert reading.picture(path).frames == 120
    assert reading.container_s(path) == pytest.approx(4, abs=0.1)
    assert [track.kind for track in reading.tracks(path)] == ["video", "audio"]
    assert not {LENGTH, SEVERAL} & {finding.rule for finding in check([path]).findings}


@pytest.mark.parametrize("name", ["clip_720p.mp4", "fragmented.mp4", "cover_art.mp4", "two_audio.mp4", "gps.mov"])
def test_a_header_that_is_about_right_is_left_alone(media: Media, name: str) -> None:
    info = probe(media(name))
    assert isinstance(info, VideoInfo)
    assert (info.claimed_s, info.video_streams) == (None, 1)


@pytest.mark.parametrize("part", ["0.2,2.4", "1.5,4"])
def test_a_part_of_a_clip_that_begins_without_a_keyframe(made: Made, part: str) -> None:
    start_s, end_s = map(float, part.split(","))
    path, _ = made(f"no_first_keyframe.webm#t={part}")
    assert reading.picture(path).frames == pytest.approx((end_s - start_s) * 30, abs=1)


@pytest.mark.parametrize(("name", "seconds"), [("tone_5s.ogg", 5.0), ("chained.opus", 6.0), ("no_duration.webm", 3.0)])
def test_what_a_decoder_of_opus_skips_does_not_count(media: Media, name: str, seconds: float) -> None:
    """Each recording begins with 312 samples that are decoded, but not heard (RFC 7845, 4.2)."""
    info = probe(media(name))
    assert not isinstance(info, ImageInfo)
    assert info.duration_s == pytest.approx(seconds, abs=0.003)
