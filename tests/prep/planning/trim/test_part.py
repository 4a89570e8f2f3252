"""Seconds of a clip: those asked for, and those that a plan keeps."""

import pytest

from prep.errors import UsageError
from prep.model.media import MediaInfo
from prep.model.reference import Part
from prep.model.source import Source
from prep.planning.trim.part import Length, kept_part, requested_length, requested_part
from tests.made import Item, audio, image, plan_of, sources, video


def _part(start_s: float, end_s: float | None = None) -> Part:
    return Part(start_s=start_s, end_s=end_s)


def _whole(seconds: float) -> Length:
    return Length(duration_s=seconds, needed_s=seconds)


def _source(part: Part | None) -> Source:
    info = video(duration_s=10.0)
    return sources((info, part) if part else info)[0]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (None, _whole(10.0)),
        (_part(0, 10), _whole(10.0)),
        (_part(0), _whole(10.0)),
        (_part(0, 99), _whole(10.0)),
        (_part(0.01, 9.99), _whole(10.0)),
        (_part(2), Length(start_s=2, duration_s=8, needed_s=8, cut=True, because=("asked",))),
        (_part(0, 4), Length(start_s=0, duration_s=4, needed_s=4, cut=True, because=("asked",))),
        (_part(2.5, 4), Length(start_s=2.5, duration_s=1.5, needed_s=1.5, cut=True, because=("asked",))),
        (_part(8, 12), Length(start_s=8, duration_s=2, needed_s=2, cut=True, because=("asked",))),
    ],
    ids=str,
)
def test_the_part_asked_for(part: Part | None, expected: Length) -> None:
    assert requested_length(_source(part), 10.0) == expected


@pytest.mark.parametrize("start", [10.0, 10.5, 1e9])
def test_a_part_after_the_end(start: float) -> None:
    with pytest.raises(UsageError, match=r"^video-1\.mp4: #t=.* starts after the end of the clip \(10 s\)$"):
        requested_length(_source(_part(start)), 10.0)


def test_a_part_after_the_last_picture() -> None:
    (source,) = sources((video(duration_s=10.0, picture_s=8.0), _part(9)))
    with pytest.raises(UsageError, match=r"after the end of the clip \(8 s\)$"):
        requested_length(source, 10.0)


@pytest.mark.parametrize(
    ("item", "seconds"),
    [
        (video(duration_s=10.0), (0.0, 10.0)),
        ((video(duration_s=10.0), _part(2, 4)), (2.0, 4.0)),
        ((audio(10.0), _part(2)), (2.0, 10.0)),
        (image(), None),
    ],
    ids=["whole", "part", "sound", "image"],
)
def test_start_and_end_of_what_was_asked_for(item: Item, seconds: tuple[float, float] | None) -> None:
    assert requested_part(sources(item)[0]) == seconds


@pytest.mark.parametrize(
    ("info", "seconds"),
    [(video(duration_s=10.0), (0.0, 10.0)), (audio(60.0), (0.0, 14.9)), (image(), None)],
    ids=["whole", "trimmed", "image"],
)
def test_start_and_end_of_what_is_kept(info: MediaInfo, seconds: tuple[float, float] | None) -> None:
    assert kept_part(plan_of(info).entries[0]) == (pytest.approx(seconds) if seconds else None)
