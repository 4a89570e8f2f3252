"""JPEG XL: the facts in its header, which is read without decoding, and the picture that is made of it."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from fixtures.card import QUADRANTS, card, read_quadrants
from fixtures.clock import read_clock
from fixtures.icc import ADOBE_RGB, DISPLAY_P3, REC_2020, RgbSpace, rgb_profile
from fixtures.jpeg_xl import LOSSLESS, boxes, cmyk_jxl, encode, header, turned_jxl
from prep.errors import ToolError, UnreadableError
from prep.media.ffmpeg import binary
from prep.media.image import jpeg_xl
from prep.media.probe.dispatch import probe as probe_item
from tests.prep.media.delta_e import delta_e, to_srgb
from tests.prep.media.far import Far
from tests.prep.media.pictures import UPRIGHT, near, stored
from tests.prep.probed import probe
from tests.types import Made, Media

PATCHES = ((0, 0, 0), (60, 60, 60), (200, 140, 110), (70, 110, 60), (40, 60, 120), (255, 0, 0), (255, 255, 255))
DEFAULT = ((1, 1), (1, 1))
BITS_16 = ((0, 1), (3, 2), (15, 6))


def _patches() -> Image.Image:
    image = Image.new("RGB", (100 * len(PATCHES), 400))
    for index, patch in enumerate(PATCHES):
        image.paste(patch, (100 * index, 0, 100 * index + 100, 400))
    return image


@pytest.mark.parametrize(
    ("name", "facts"),
    {
        "photo.jxl": {"width": 1800, "height": 1200, "mode": "RGB", "frames": 1, "lossless": False, "hdr": None},
        "graphics.jxl": {"width": 800, "height": 600, "mode": "RGB", "has_alpha": False, "color_primaries": None},
        "alpha.jxl": {"width": 800, "height": 600, "mode": "RGBA", "has_alpha": True},
        "photo_hdr.jxl": {"mode": "RGB;16", "hdr": "pq", "color_primaries": "bt2020"},
        "animated.jxl": {"width": 640, "height": 480, "frames": 10},
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_facts(media: Media, name: str, facts: dict[str, object]) -> None:
    info = probe(media(name)).model_dump()
    assert {key: info[key] for key in facts} == facts
    assert (info["container"], info["bytes"], info["orientation"]) == ("jxl", media(name).stat().st_size, 1)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (512, 513), (300, 8192), (8193, 300), (200, 300_000)])
def test_no_pixel_is_decoded_to_know_its_size(width: int, height: int) -> None:
    """Of a file at a URL; a file that is here is decoded as well."""
    info = probe_item(Far(header(width, height, *DEFAULT))).model_dump()
    assert (info["width"], info["height"]) == (width, height)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (header(8_000, 7_501, *DEFAULT), "its header says 8000×7501, 60,008,000 pixels; at most 60,000,000"),
        (
            boxes((b"jxlc", header(600, 400, *DEFAULT) + bytes(50)))[:-9],
            "the file is cut off before the end of the picture",
        ),
        (header(600, 400, *DEFAULT)[:4], "looks like JPEG XL, but its header is broken"),
        (boxes((b"Exif", bytes(8))), "looks like JPEG XL, but its header is broken"),
    ],
    ids=["too many pixels", "cut off", "header cut off", "no codestream"],
)
def test_refused_by_its_header(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "photo.jxl").write_bytes(data)
    with pytest.raises(UnreadableError, match=f"photo.jxl: .*{said}"):
        probe(tmp_path / "photo.jxl")


def test_an_animation_without_frames(tmp_path: Path) -> None:
    """It has a header, and nothing else."""
    # extra fields: orientation 1, no intrinsic size, no preview, an animation in thousandths that is repeated for ever
    animation = ((0, 1), (1, 1), (0, 3), (0, 1), (0, 1), (1, 1), (1, 2), (0, 2), (0, 2), (0, 1))
    # 16 bits, no extra channels, XYB, sRGB, no tone mapping, no extensions, and the usual transforms
    fields = (*animation, *BITS_16, (0, 1), (0, 2), (1, 1), (1, 1), (1, 1), (0, 2), (1, 1))
    (tmp_path / "empty.jxl").write_bytes(header(600, 400, *fields))
    with pytest.raises(UnreadableError, match=r"empty\.jxl: its frame 1 can't be decoded"):
        probe(tmp_path / "empty.jxl")


def test_cmyk_is_refused(made: Made, tmp_path: Path) -> None:
    """ffmpeg leaves the black out, and the rest would be read as red, green and blue."""
    cmyk_jxl(tmp_path / "inks.jxl")
    with pytest.raises(UnreadableError, match=r"inks\.jxl: .*in CMYK, which is not read; save it as JPEG or TIFF"):
        made(tmp_path / "inks.jxl#xywh=0,0,40,40")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_once(made: Made, tmp_path: Path, orientation: int) -> None:
    """The orientation in its EXIF doesn't count: the decoder applies the one in the header."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    upside = Image.Exif()
    upside[0x0112] = 3
    upright = card((700, 400))
    back = {6: 8, 8: 6}.get(orientation, orientation)
    turned = upright.copy()
    turned.getexif()[0x0112] = back
    turned_jxl(orientation, ImageOps.exif_transpose(turned), tmp_path / "bare.jxl")
    data = boxes((b"Exif", bytes(4) + upside.tobytes()[6:]), (b"jxlc", (tmp_path / "bare.jxl").read_bytes()))
    (tmp_path / "turned.jxl").write_bytes(data)
    path, entry = made(tmp_path / "turned.jxl")
    image = stored(path)
    assert image.size == (700, 400) == (entry.source.info.width, entry.source.info.height)  # type: ignore[union-attr]
    assert read_quadrants(image) == UPRIGHT


@pytest.mark.parametrize("space", [DISPLAY_P3, ADOBE_RGB, REC_2020], ids=lambda space: space.name)
@pytest.mark.parametrize("options", [LOSSLESS, ("-distance", "0.1")], ids=["lossless", "lossy"])
def test_wide_gamut_by_its_profile(made: Made, tmp_path: Path, space: RgbSpace, options: tuple[str, ...]) -> None:
    patches = _patches()
    patches.info["icc_profile"] = rgb_profile(space)
    encode(patches, tmp_path / "wide.jxl", *options, tags="unknown")
    _assert_srgb(made(tmp_path / "wide.jxl")[0], space)


@pytest.mark.parametrize(
    ("space", "number"), [(DISPLAY_P3, "smpte432"), (REC_2020, "bt2020")], ids=lambda value: str(value)[:20]
)
@pytest.mark.parametrize("alpha", [False, True])
def test_wide_gamut_by_its_number(made: Made, tmp_path: Path, space: RgbSpace, number: str, alpha: bool) -> None:
    patches = _patches()
    if alpha:
        patches.putalpha(100)
    curve = "bt709" if space is REC_2020 else "iec61966-2-1"
    encode(patches, tmp_path / "wide.jxl", *LOSSLESS, tags=f"{curve}:color_primaries={number}")
    path, entry = made(tmp_path / "wide.jxl")
    assert entry.source.info.color_primaries == number  # type: ignore[union-attr]
    assert stored(path).mode == ("RGBA" if alpha else "RGB")
    assert not alpha or stored(path).getpixel((0, 0))[3] == 100  # type: ignore[index]
    _assert_srgb(path, space)


def _assert_srgb(path: Path, space: RgbSpace) -> None:
    image = stored(path).convert("RGB")
    for index, patch in enumerate(PATCHES):
        seen = image.getpixel((100 * index + 50, 200))
        assert delta_e(seen, to_srgb(patch, space)) <= 2, (patch, seen)  # type: ignore[arg-type]


def test_hdr_becomes_sdr(made: Made) -> None:
    """As of a HEIC: red, green, blue and white stay what they are, and white is bright."""
    path, entry = made("photo_hdr.jxl")
    image = stored(path)
    for (x, y), pure in zip(((60, 40), (540, 40), (60, 360), (540, 360)), QUADRANTS.values(), strict=True):
        for seen, wanted in zip(image.getpixel((x, y)), pure, strict=True):  # type: ignore[arg-type]
            assert seen < 12 if wanted == 0 else seen > 200
    assert entry.steps[0].because == ("image-hdr",)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey(made: Made, tmp_path: Path, mode: str) -> None:
    grey = card((600, 400)).convert("L")
    source = grey.convert("I").point(lambda value: value * 257).convert(mode) if mode == "I;16" else grey.convert(mode)
    encode(source, tmp_path / "grey.jxl", *LOSSLESS)
    image = stored(made(tmp_path / "grey.jxl")[0]).convert("RGB")
    for x, y in ((150, 100), (450, 100), (150, 300), (450, 300)):
        assert near(image.getpixel((x, y)), (grey.getpixel((x, y)),) * 3, 1)  # type: ignore[arg-type]


def test_half_transparent(made: Made, tmp_path: Path) -> None:
    picture = Image.new("RGBA", (600, 400), (200, 100, 50, 128))
    encode(picture, tmp_path / "veil.jxl", *LOSSLESS)
    assert stored(made(tmp_path / "veil.jxl")[0]).getpixel((300, 200)) == (200, 100, 50, 128)


@pytest.mark.parametrize(("asked", "number"), [("", 0), ("#t=0", 0), ("#t=0.55", 5), ("#t=0.99", 9)])
def test_a_frame_of_an_animation(made: Made, asked: str, number: int) -> None:
    path, _ = made(f"animated.jxl{asked}")
    assert read_clock(stored(path)) == number


@pytest.mark.parametrize("share", [0.02, 0.3, 0.95])
@pytest.mark.parametrize("name", ["photo.jxl", "graphics.jxl"])
def test_a_codestream_that_is_cut_off_is_given_up_at_once(
    made: Made, media: Media, tmp_path: Path, name: str, share: float
) -> None:
    """Left alone, ffmpeg would ask for the rest of it for ever."""
    whole = media(name).read_bytes()
    (tmp_path / "cut.jxl").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableError, match=r"cut\.jxl: can't be decoded: it is damaged, or cut off before"):
        made(tmp_path / "cut.jxl")


def test_damage_in_the_middle(made: Made, media: Media, tmp_path: Path) -> None:
    data = bytearray(media("photo.jxl").read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 40):
        data[at] ^= 0x55
    (tmp_path / "damaged.jxl").write_bytes(data)
    with pytest.raises(UnreadableError, match=r"damaged\.jxl: can't be decoded: it is damaged"):
        made(tmp_path / "damaged.jxl")


def test_its_metadata_stays_behind(made: Made, media: Media, tmp_path: Path) -> None:
    with Image.open(media("photo_gps.jpg")) as photo:
        exif = photo.info["exif"].removeprefix(b"Exif\0\0")
    private = (b"Exif", bytes(4) + exif), (b"xml ", b"<x:xmpmeta>Jane Example</x:xmpmeta>")
    (tmp_path / "private.jxl").write_bytes(boxes(*private, (b"jxlc", media("photo.jxl").read_bytes())))
    path, entry = made(tmp_path / "private.jxl")
    assert entry.source.info.private_metadata == ("gps", "serial number", "owner")
    assert entry.source.info.metadata == ("exif", "xmp")  # type: ignore[union-attr]
    assert not [word for word in (b"Jane", b"SN0123", b"Exif") if word in path.read_bytes()]


def test_packed_in_parts(made: Made, media: Media, tmp_path: Path) -> None:
    whole = media("photo.jxl").read_bytes()
    parts = (b"jxlp", bytes(4) + whole[:9]), (b"Exif", bytes(4)), (b"jxlp", b"\x80\0\0\1" + whole[9:])
    (tmp_path / "parts.jxl").write_bytes(boxes(*parts))
    assert read_quadrants(stored(made(tmp_path / "parts.jxl")[0])) == UPRIGHT


@pytest.mark.parametrize("size", ["to the end", "64 bits"])
def test_a_box_of_another_kind_of_size(media: Media, tmp_path: Path, size: str) -> None:
    codestream = media("photo.jxl").read_bytes()
    head = {"to the end": bytes(4) + b"jxlc", "64 bits": b"\0\0\0\1jxlc" + (len(codestream) + 16).to_bytes(8, "big")}
    (tmp_path / "boxes.jxl").write_bytes(boxes() + head[size] + codestream)
    assert probe(tmp_path / "boxes.jxl").model_dump(exclude={"bytes"}) == probe(media("photo.jxl")).model_dump(
        exclude={"bytes"}
    )
    (tmp_path / "boxes.jxl").write_bytes((boxes() + head[size] + codestream)[:-1])
    if size == "64 bits":
        with pytest.raises(UnreadableError, match="cut off"):
            probe(tmp_path / "boxes.jxl")


def test_an_ffmpeg_without_a_decoder_for_it(made: Made, media: Media, named: Media) -> None:
    source = media("photo.jxl")
    version = "[ $1 = -version ] && echo ffmpeg version 5.1 && exit\n"
    named(version + "echo \"Unknown input format: 'jpegxl_pipe'\" >&2\nexit 8\n")
    with pytest.raises(ToolError, match="reads no JPEG XL; unset FFMPEG_BINARY"):
        made(source)


def test_an_animation_that_takes_long_to_count_is_given_up(
    media: Media, named: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = media("animated.jxl")
    real = binary.binary()
    named(f'case "$*" in *framecrc*) exec tail -f /dev/null;; esac\nexec {real} "$@"\n')
    monkeypatch.setattr(jpeg_xl, "COUNTING_S", 0.1)
    with pytest.raises(UnreadableError, match=r"animated\.jxl: .* take longer than 0 s to decode.*; save it as MP4"):
        probe_item(source)
