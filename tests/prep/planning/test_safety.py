"""Changes that are safe to make without asking."""

import pytest

from prep.model.media import MediaInfo
from prep.model.plan import Options
from prep.model.reference import Crop, Part, Reference
from prep.planning.safety import unsafe_steps
from tests.made import Item, audio, image, plan_of, video, wav


@pytest.mark.parametrize(
    ("item", "options", "unsafe"),
    [
        (video(1920, 1080), Options(), ()),
        (video(container="matroska"), Options(), ()),
        (video(rotation=90), Options(), ()),
        (video(fps=120), Options(), ()),
        (image(7000, 6000), Options(), ()),
        (image(container="heif", orientation=6), Options(), ()),
        (audio(container="m4a", codec="aac"), Options(), ()),
        ((video(duration_s=60), Part(start_s=1, end_s=6)), Options(), ()),
        ((video(1920, 1080), Crop(x=0, y=0, width=1000, height=800)), Options(), ()),
        (video(duration_s=60), Options(), ("trim",)),
        (audio(60), Options(), ("trim",)),
        (video(duration_s=1), Options(), ("extend",)),
        (wav(1), Options(), ("extend",)),
        (video(640, 480), Options(), ("scale",)),
        (image(200, 200), Options(), ("scale",)),
        (image(4000, 1000), Options(), ("pad",)),
        (image(4000, 1000), Options(fit="crop"), ("crop",)),
        (image(7000, 1000), Options(), ("pad",)),  # scaled down and padded
        # half of the picture is smaller than the source, but has to be enlarged
        ((video(1000, 800), Crop(x=0, y=0, width=500, height=400)), Options(), ("scale",)),
        ((image(container="gif", frames=5), Reference(location="a.gif")), Options(), ("take-frame",)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, tuple) else None,
)
def test_unsafe_steps(item: Item, options: Options, unsafe: tuple[str, ...]) -> None:
    beside: tuple[MediaInfo, ...] = () if isinstance(item, tuple) or item.kind != "audio" else (image(),)
    entry = next(e for e in plan_of(item, *beside, options=options).entries if e.steps)
    assert tuple(step.kind for step in unsafe_steps(entry)) == unsafe


def test_nothing_to_do_is_safe() -> None:
    (entry,) = plan_of(video()).entries
    assert unsafe_steps(entry) == ()
