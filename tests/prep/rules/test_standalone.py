"""The limits of a file by itself: what no company could mend, and nothing else."""

import pytest

from prep.model.manifest import totals
from prep.model.media import MediaInfo
from prep.rules import check_one, check_set
from prep.rules.standalone import by_itself
from prep.specs import load_spec
from tests.made import ENDPOINTS, SEEDANCE_2, SEEDANCE_2_5, audio, image, video


def _broken(info: MediaInfo, endpoint: str = SEEDANCE_2) -> set[str]:
    spec = by_itself(load_spec(endpoint))
    return {finding.rule for finding in (*check_one(info, spec), *check_set(totals((info,)), spec))}


@pytest.mark.parametrize(
    ("info", "broken"),
    [
        (audio(), set()),  # sound may stand beside an image
        (video(bytes=49_999_999), set()),
        (video(bytes=52_428_801), {"videos-too-large"}),  # no set takes it
        (video(duration_s=16), {"video-too-long"}),  # and not videos-too-long as well
        (video(duration_s=1), {"video-too-short"}),
        (audio(16), {"audio-too-long"}),
        (image(10, 10), {"image-side-too-short", "image-area-too-small", "image-upscaled-much"}),
    ],
)
def test_one_file(info: MediaInfo, broken: set[str]) -> None:
    assert _broken(info) == broken


def test_a_limit_of_one_file_may_be_all_there_is() -> None:
    assert _broken(video(bytes=300_000_000), SEEDANCE_2_5) == {"video-file-too-large"}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_every_set_takes_is_fine_by_itself(endpoint: str) -> None:
    for info in (image(), video(), audio()):
        assert _broken(info, endpoint) == set()
