"""Pictures in HEIC and AVIF, and pictures whose colours are code points."""

import struct
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageOps

from fixtures.card import QUADRANTS, card, read_quadrants
from fixtures.hdr import DISPLAY_P3 as P3_PRIMARIES
from fixtures.hdr import HLG, PQ, SRGB_CURVE
from fixtures.icc import DISPLAY_P3
from prep.media.image.color.cicp import coded_to_srgb
from prep.model.media import ImageInfo
from tests.prep.media.delta_e import delta_e, to_srgb
from tests.prep.media.pictures import UPRIGHT, stored
from tests.prep.probed import probe
from tests.types import Made, Media


@pytest.mark.parametrize("name", ["photo_grid.heic", "photo_burst.heic", "photo_turned.heic"])
def test_tiles_bursts_and_turns(made: Made, name: str) -> None:
    path, entry = made(name)
    image = stored(path)
    assert image.size == ((1800, 1200) if "grid" in name else (600, 400))
    assert read_quadrants(image) == UPRIGHT
    assert [step.kind for step in entry.steps] == ["encode-image"]


@pytest.mark.parametrize("tiles", [False, True], ids=["whole", "tiles"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_and_mirrored_by_its_boxes(made: Made, tmp_path: Path, orientation: int, tiles: bool) -> None:
    """Its EXIF says the same as `irot` and `imir`, as phones write it, and must not be heeded again."""
    exif, upright = Image.Exif(), card((600, 400))
    exif[0x0112] = orientation
    upright.getexif()[0x0112] = {6: 8, 8: 6}.get(orientation, orientation)
    stored_so = pillow_heif.from_pillow(ImageOps.exif_transpose(upright))
    options = {"tile_size": 256} if tiles else {}
    stored_so.save(tmp_path / "turned.heic", quality=80, exif=exif.tobytes(), **options)
    data = (tmp_path / "turned.heic").read_bytes()
    assert (b"irot" in data, b"imir" in data) == (orientation in (3, 5, 6, 7, 8), orientation in (2, 4, 5, 7))
    image = stored(made(tmp_path / "turned.heic")[0])
    assert image.size == (600, 400)
    assert read_quadrants(image) == UPRIGHT


def test_hdr_becomes_sdr(made: Made, media: Media) -> None:
    """Red, green, blue and white stay what they are, and white is bright; read as SDR all of it is pale and dim."""
    with pillow_heif.open_heif(media("photo_hdr.heic")).to_pillow() as untreated:  # type: ignore[union-attr]
        red, _, _, white = (untreated.getpixel((x, y)) for x, y in ((60, 40), (540, 40), (60, 360), (540, 360)))
        assert white[0] < 160 and red[1] > 60  # type: ignore[index, operator]
    path, entry = made("photo_hdr.heic")
    image = stored(path)
    for (x, y), pure in zip(((60, 40), (540, 40), (60, 360), (540, 360)), QUADRANTS.values(), strict=True):
        for seen, wanted in zip(image.getpixel((x, y)), pure, strict=True):  # type: ignore[arg-type]
            assert seen < 12 if wanted == 0 else seen > 200
    assert (entry.steps[0].kind, entry.steps[0].because) == ("tone-map", ("image-hdr",))
    assert entry.source.info.hdr == "pq"  # type: ignore[union-attr]


def test_a_crop_of_hdr_at_another_size(made: Made) -> None:
    path, _ = made("photo_hdr.heic#xywh=0,0,150,200")
    image = stored(path)
    assert image.size == (300, 400)
    assert image.getpixel((50, 100))[0] > 200 and image.getpixel((50, 100))[1] < 12  # type: ignore[index, operator]


@pytest.mark.parametrize("suffix", [".heic", ".avif", ".png"])
def test_display_p3_by_its_number(made: Made, tmp_path: Path, suffix: str) -> None:
    patch = (200, 60, 40)
    source = tmp_path / f"patch{suffix}"
    image = Image.new("RGB", (400, 400), patch)
    if suffix == ".heic":
        pillow_heif.from_pillow(image).save(
            source, quality=100, chroma=444, color_primaries=P3_PRIMARIES, transfer_characteristics=SRGB_CURVE
        )
    elif suffix == ".avif":
        image.save(source, quality=100, subsampling="4:4:4")
        _say(source, P3_PRIMARIES, SRGB_CURVE)
    else:
        image.save(source)
        _insert_cicp(source, P3_PRIMARIES, SRGB_CURVE)
    path, _ = made(f"{source}#xywh=0,0,400,300")
    assert delta_e(stored(path).getpixel((200, 150)), to_srgb(patch, DISPLAY_P3)) <= 2  # type: ignore[arg-type]


@pytest.mark.parametrize("transfer", [SRGB_CURVE, PQ], ids=["P3", "HDR"])
@pytest.mark.parametrize("suffix", [".heic", ".png"])
def test_transparency_beside_colours_told_by_number(made: Made, tmp_path: Path, suffix: str, transfer: int) -> None:
    source = tmp_path / f"veil{suffix}"
    image = Image.new("RGBA", (400, 400), (160, 110, 130, 255))
    image.paste((160, 110, 130, 100), (0, 0, 200, 400))
    if suffix == ".heic":
        options = {"color_primaries": P3_PRIMARIES, "transfer_characteristics": transfer}
        pillow_heif.from_pillow(image).save(source, quality=100, chroma=444, **options)
    else:
        image.save(source)
        _insert_cicp(source, P3_PRIMARIES, transfer)
    path, _ = made(f"{source}#xywh=0,0,400,300")
    veiled, opaque = (stored(path).getpixel((x, 150)) for x in (100, 300))
    assert (veiled[3], opaque[3]) == (100, 255)  # type: ignore[index]
    assert veiled[:3] == pytest.approx(opaque[:3], abs=2)  # type: ignore[index]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_large_picture_is_converted_in_bands_without_a_seam(mode: str) -> None:
    """14 million pixels, at most 13 million at once: the same 64 rows again and again, and others at the end."""
    width, count = 5_000, 44
    tile, last = (Image.effect_noise((width, 64), sigma).tobytes() * len(mode) for sigma in (60, 20))
    info = ImageInfo(
        container="png", bytes=1, width=width, height=64 * count, mode=mode, hdr="pq", has_alpha=mode == "RGBA"
    )
    packed, row_bytes, layout = tile * (count - 1) + last, width * len(mode), "rgb24" if mode == "RGB" else "rgba"

    def converted(pixels: bytes, height: int) -> Image.Image:
        return coded_to_srgb(lambda top, end: pixels[top * row_bytes : end * row_bytes], layout, (width, height), info)

    image = converted(packed, 64 * count)
    tiles = [image.crop((0, top, width, top + 64)).tobytes() for top in range(0, 64 * count, 64)]
    assert set(tiles[:-1]) == {converted(tile, 64).tobytes()}
    assert tiles[-1] == converted(last, 64).tobytes() != tiles[0]


@pytest.mark.parametrize(("transfer", "hdr"), [(PQ, "pq"), (HLG, "hlg"), (SRGB_CURVE, None)])
def test_hdr_is_told_in_every_format(tmp_path: Path, transfer: int, hdr: str | None) -> None:
    image = card((400, 300))
    image.save(tmp_path / "a.avif")
    _say(tmp_path / "a.avif", 9, transfer)
    image.save(tmp_path / "a.png")
    _insert_cicp(tmp_path / "a.png", 9, transfer)
    for name in ("a.avif", "a.png"):
        info = probe(tmp_path / name)
        assert info.kind == "image"
        assert (info.hdr, info.color_primaries) == (hdr, "bt2020")


def _say(path: Path, primaries: int, transfer: int) -> None:
    """Other code points in the box that an AVIF has anyway."""
    data = bytearray(path.read_bytes())
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">HH", primaries, transfer)
    path.write_bytes(data)


def _insert_cicp(path: Path, primaries: int, transfer: int) -> None:
    data, chunk = path.read_bytes(), b"cICP" + bytes((primaries, transfer, 0, 1))
    at = data.index(b"IDAT") - 4
    path.write_bytes(data[:at] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at:])
