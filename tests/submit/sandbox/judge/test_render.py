"""The generated video, read with PyAV."""

from pathlib import Path
from typing import Any

import av
import fal_client
import httpx
import pytest

from submit.sandbox import Sandbox

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

ENDPOINT = "bytedance/seedance-2.0/reference-to-video"


def _generate(client: fal_client.SyncClient, tmp_path: Path, **arguments: Any) -> Path:
    handle = client.submit(ENDPOINT, {"prompt": "x", **arguments})
    video = handle.get(interval=0.02)["video"]
    with httpx.Client() as http:
        content = http.get(video["url"]).content
    assert len(content) == video["file_size"]
    path = tmp_path / "result.mp4"
    path.write_bytes(content)
    return path


def _near(pixel: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(actual - value) < 12 for actual, value in zip(pixel, wanted, strict=True))


def test_references_are_cut_together_with_the_first_sound(
    client: fal_client.SyncClient, box: Sandbox, media: Path, tmp_path: Path
) -> None:
    keys = {"image_urls": ["photo.jpg"], "video_urls": ["good.mp4", "mute.mov"], "audio_urls": ["sound.mp3"]}
    urls = {key: [client.upload_file(media / name) for name in names] for key, names in keys.items()}
    path = _generate(client, tmp_path, duration="7", resolution="480p", aspect_ratio="1:1", **urls)
    with av.open(path) as result:
        [picture], [sound] = result.streams.video, result.streams.audio
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (picture.width, picture.height, picture.frames) == (640, 640, 7 * 24)
        assert picture.average_rate == 24
        assert result.duration == 7_000_000
        first = next(result.decode(picture)).to_image()  # type: ignore[no-untyped-call]
        assert _near(first.getpixel((320, 320)), (255, 165, 0))  # the orange photo comes first
        assert _near(first.getpixel((320, 10)), (0, 0, 0))  # with bars above it
        assert any(any(bytes(frame.planes[0])) for frame in result.decode(sound))
    [charge] = box.ledger
    assert charge.input_video_s == pytest.approx(5, abs=0.1)
    assert charge.output_s == 7
    tokens = 640 * 640 * ((charge.input_video_s + 7) * 24 + 1) / 1024
    assert charge.tokens == round(tokens)
    assert charge.usd is not None
    assert float(charge.usd) == pytest.approx(tokens / 1000 * 0.014 * 0.6, rel=1e-4)


def test_auto_follows_the_first_visual_and_sound_can_be_off(
    client: fal_client.SyncClient, media: Path, tmp_path: Path
) -> None:
    url = client.upload_file(media / "sideways.jpg")
    path = _generate(client, tmp_path, image_urls=[url], generate_audio=False)
    with av.open(path) as result:
        [picture] = result.streams.video
        assert (picture.width, picture.height) == (720, 1280)
        assert len(result.streams.audio) == 0
        assert result.duration == 5_000_000


def test_text_alone_is_enough(client: fal_client.SyncClient, box: Sandbox, tmp_path: Path) -> None:
    handle = client.submit(ENDPOINT, {"prompt": "x", "duration": "4", "resolution": "480p", "aspect_ratio": "21:9"})
    handle.get(interval=0.02)
    with httpx.Client(headers={"Authorization": "Key any"}) as http:
        answer = http.get(handle.response_url)
        (tmp_path / "result.mp4").write_bytes(http.get(answer.json()["video"]["url"]).content)
    [charge] = box.ledger
    assert answer.headers["x-fal-billable-units"] == str(charge.billable_units) == "40.594"
    with av.open(tmp_path / "result.mp4") as result:
        assert (result.streams.video[0].width, result.streams.video[0].height) == (992, 432)
        assert result.duration == 4_000_000
        assert len(result.streams.audio) == 1  # silent, but there
    again = client.submit(ENDPOINT, box.requests()[0].body).get(interval=0.02)
    assert again["seed"] == answer.json()["seed"]
