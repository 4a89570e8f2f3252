"""Size and length of the generated video."""

from typing import Any

import pytest

from prep.specs import load_spec
from submit.sandbox.judge.output import choose_output


@pytest.mark.parametrize(
    ("endpoint", "body", "aspect", "size"),
    [
        ("bytedance/seedance-2.0/reference-to-video", {}, None, (1280, 720)),
        ("bytedance/seedance-2.0/reference-to-video", {}, 0.5, (720, 1280)),
        ("bytedance/seedance-2.0/reference-to-video", {}, 1.1, (960, 960)),
        ("bytedance/seedance-2.0/reference-to-video", {"aspect_ratio": "21:9"}, 0.5, (1470, 630)),
        ("bytedance/seedance-2.0/reference-to-video", {"resolution": "480p"}, 4 / 3, (752, 560)),
        ("bytedance/seedance-2.0/reference-to-video", {"resolution": "1080p"}, None, (1920, 1080)),
        ("bytedance/seedance-2.0/reference-to-video", {"resolution": "4k", "aspect_ratio": "1:1"}, None, (2880, 2880)),
        ("bytedance/seedance-2.5/reference-to-video", {"resolution": "480p"}, None, (854, 480)),
        ("bytedance/seedance-2.5/reference-to-video", {"task": "extension", "aspect_ratio": "1:1"}, 0.5, (720, 1280)),
        ("bytedance/seedance-2.0/mini/reference-to-video", {"aspect_ratio": "3:4"}, None, (834, 1112)),
    ],
)
def test_the_size(endpoint: str, body: dict[str, Any], aspect: float | None, size: tuple[int, int]) -> None:
    output = choose_output(body, load_spec(endpoint), aspect)
    assert (output.width, output.height) == size


@pytest.mark.parametrize(("duration", "seconds"), [(None, 5), ("auto", 5), ("4", 4), ("15", 15)])
def test_the_duration(duration: str | None, seconds: int) -> None:
    assert choose_output({"duration": duration}, load_spec(), None).duration_s == seconds
