"""Sizes of encoded pictures under their limits."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from fixtures.card import noise
from prep import prepare
from prep.errors import NonCompliantError, ToolError, UnreadableError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.specs import load_spec
from tests.made import SEEDANCE_2
from tests.prep.media.pictures import stored
from tests.types import Made, Media


def _alpha_noise(path: Path, size: tuple[int, int], grain: int) -> None:
    """Transparent at the top left, and noise of *grain* levels, which nothing packs."""
    pixels = noise(size, seed=4).point(lambda value: 128 + value % grain - grain // 2)
    pixels.putalpha(255)
    pixels.paste((0, 0, 0, 0), (0, 0, 500, 500))
    pixels.save(path)


def test_transparency_that_fits_as_png_stays_png(made: Made, tmp_path: Path) -> None:
    """More pixels than surely fit, but they do."""
    image = Image.new("RGBA", (3100, 2500), (255, 0, 0, 255))
    image.save(tmp_path / "large.tiff")
    path, entry = made(tmp_path / "large.tiff")
    assert stored(path).mode == "RGBA" and path.suffix == ".png"
    assert entry.steps[-1].note == "keeps transparency"


def test_transparency_that_png_is_too_large_for_goes_to_webp(made: Made, tmp_path: Path) -> None:
    _alpha_noise(tmp_path / "large.tiff", (3100, 3300), grain=250)
    path, entry = made(tmp_path / "large.tiff")
    with Image.open(path) as webp:
        assert (webp.format, webp.mode, webp.size) == ("WEBP", "RGBA", (3100, 3300))
        assert webp.getpixel((100, 100))[3] == 0  # type: ignore[index]
    assert path.stat().st_size <= 30_000_000
    assert "PNG would be" in entry.steps[-1].note


def test_noise_ends_under_the_limit_at_full_size(made: Made) -> None:
    path, entry = made("noise_over_30mb.png")
    assert path.stat().st_size < 30_000_000
    assert stored(path).size == (3400, 3400)
    assert [step.kind for step in entry.steps] == ["encode-image"]


def _limited(max_bytes: int) -> EndpointSpec:
    spec = load_spec(SEEDANCE_2)
    limit = spec.image.max_bytes
    assert limit is not None
    smaller = limit.model_copy(update={"value": max_bytes, "accepted": None})
    return spec.model_copy(update={"image": spec.image.model_copy(update={"max_bytes": smaller})})


@pytest.mark.parametrize(
    ("share", "quality", "chroma"),
    [(1.0, 95, (1, 1)), (0.9, 92, (1, 1)), (0.7, 92, (2, 2)), (0.32, 84, (2, 2))],
    ids=["it fits", "a little less", "less chroma", "less of both"],
)
def test_the_quality_goes_no_lower_than_it_must(
    media: Media, tmp_path: Path, share: float, quality: int, chroma: tuple[int, int]
) -> None:
    """Of each result: the JPEG itself tells its subsampling, and the next better one would not have fitted."""
    pixels = noise((900, 900), seed=3)
    pixels.save(tmp_path / "noise.bmp")
    at_best = BytesIO()
    pixels.save(at_best, "JPEG", quality=95, subsampling="4:4:4")
    limit = round(len(at_best.getvalue()) * share)
    spec, source = _limited(limit), tmp_path / "noise.bmp"
    manifest = prepare([source], spec, out=tmp_path / "out")
    path = tmp_path / "out" / manifest.entries[0].output.path
    assert path.stat().st_size <= limit
    with Image.open(path) as image:
        sampling = image.layer[0][1:3]  # type: ignore[attr-defined]
        alike = BytesIO()
        pixels.save(alike, "JPEG", quality=quality, subsampling="4:4:4" if chroma == (1, 1) else "4:2:0")
    assert sampling == chroma
    assert path.stat().st_size == len(alike.getvalue())
    lowered = [(finding.rule, finding.subject, finding.actual) for finding in manifest.findings]
    assert lowered == ([] if share == 1.0 else [("image-quality-lowered", "noise.bmp", quality)])


def test_what_never_fits_says_what_to_do(tmp_path: Path) -> None:
    noise((900, 900), seed=5).save(tmp_path / "noise.bmp")
    with pytest.raises(NonCompliantError, match=r"noise\.bmp") as caught:
        prepare([tmp_path / "noise.bmp"], _limited(100_000), out=tmp_path / "out")
    (finding,) = caught.value.findings
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.allowed) == ("image-file-too-large", 100_000)
    assert "smaller part" in finding.message


def test_a_picture_keeps_its_detail(made: Made, media: Media) -> None:
    """Quality 95 without chroma subsampling: what was re-encoded is hardly different from its source."""
    with Image.open(media("textured.jpg")) as source:
        before = source.convert("RGB").crop((0, 0, 1800, 1190))
    path, _ = made("textured.jpg#xywh=0,0,1800,1190")
    difference = ImageStat.Stat(ImageChops.difference(stored(path), before))
    assert max(difference.mean) < 3


@pytest.mark.parametrize("name", ["truncated.jpg", "bomb.png"])
def test_what_does_not_decode_is_not_made(made: Made, name: str) -> None:
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")):
        made(name)


def test_damage_in_the_middle_is_seen_before_it_leaves(made: Made, media: Media, tmp_path: Path) -> None:
    """Its header and its end are fine, so only decoding tells; byte-identical is for whole pictures."""
    data = bytearray(media("photo.tiff").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    (tmp_path / "damaged.tiff").write_bytes(data)
    with pytest.raises((ToolError, UnreadableError), match=r"damaged\.tiff"):
        made(tmp_path / "damaged.tiff")
    png = bytearray(media("alpha.png").read_bytes())
    png[len(png) // 2 : len(png) // 2 + 50] = bytes(50)
    (tmp_path / "damaged.png").write_bytes(png)
    with pytest.raises(UnreadableError, match=r"damaged\.png"):
        made(tmp_path / "damaged.png")
