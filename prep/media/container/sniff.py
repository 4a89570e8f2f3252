"""Format detection by the first bytes of a file.

The demuxer is chosen here and every reader is told its name, so that a file never picks its own: a playlist that calls
itself .avi would otherwise be opened as a playlist, and whatever it lists would be fetched.
"""

from itertools import islice
from typing import NamedTuple

from prep.media.container.isobmff import boxes
from prep.media.container.mp3_frames import has_mp3_frames, read_frame
from prep.media.container.mp3_tags import ID3_HEADER_BYTES, id3_bytes
from prep.media.io.read import read_part
from prep.model.byte_source import Openable

HEAD_BYTES = 4096
# An MP3 may begin with this much garbage: recordings of a stream start anywhere.
GARBAGE_BYTES = 65_536
IMAGE_BRANDS = {b"heic": "heif", b"heix": "heif", b"heim": "heif", b"heis": "heif", b"hevc": "heif", b"hevx": "heif"}
IMAGE_BRANDS |= {b"mif1": "heif", b"msf1": "heif", b"avif": "avif", b"avis": "avif"}
# These say only that it is an image; the brands that follow say which.
GENERIC_BRANDS = (b"mif1", b"msf1")
# Image sequences: with no still in them they are videos.
SEQUENCE_BRANDS = (b"msf1", b"hevc", b"hevx")
MOV_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


class Format(NamedTuple):
    """*container* is our name for it, *demuxer* libavformat's; None: an image, which Pillow reads."""

    container: str
    demuxer: str | None


MP3 = Format("mp3", "mp3")
BEHIND_TAGS = (Format("aac", "aac"), Format("flac", "flac"))


def sniff(item: Openable) -> Format | None:
    """The format of *item*; None when it is not a format that can be read."""
    head = read_part(item, 0, HEAD_BYTES)
    if any(brand in SEQUENCE_BRANDS for brand in _brands(head)) and not any(box.name == b"meta" for box in boxes(item)):
        return Format("heif", "mov")
    if head.startswith(b"ID3"):
        format_ = sniff_bytes(read_part(item, id3_bytes(head[:ID3_HEADER_BYTES]), HEAD_BYTES))
        return format_ if format_ in BEHIND_TAGS else MP3  # the tag is MP3's own, whatever garbage follows
    if format_ := sniff_bytes(head):
        return format_
    return MP3 if has_mp3_frames(read_part(item, 0, HEAD_BYTES + GARBAGE_BYTES)) else None


def sniff_bytes(head: bytes) -> Format | None:
    return _image(head) or _iso_media(head) or _riff(head) or _other(head)


def _image(head: bytes) -> Format | None:
    for magic, container in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"II+\0", "tiff"),
        (b"MM\0+", "tiff"),
        (b"\xff\x0a", "jxl"),  # a bare codestream
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),  # one in boxes
        (b"\xff\x4f\xff\x51", "jp2"),  # a bare codestream
        (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    ):
        if head.startswith(magic):
            return Format(container, None)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format("webp", None)
    if head.startswith(b"BM") and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return Format("bmp", None)
    brand, *others = _brands(head)
    if brand in GENERIC_BRANDS and not {b"avif", b"avis"}.isdisjoint(others):
        return Format("avif", None)
    if brand in IMAGE_BRANDS:
        return Format(IMAGE_BRANDS[brand], None)
    # whatever a writer calls itself: items directly behind its brands are pictures
    second = next(islice(boxes(head), 1, None), None) if others else None
    known = {IMAGE_BRANDS[other] for other in others if other in IMAGE_BRANDS}  # an AVIF is also "mif1"
    return Format(min(known), None) if known and second and second.name == b"meta" else None


def _brands(head: bytes) -> list[bytes]:
    """The major brand of a file of boxes, and the brands it is compatible with; one that is empty for other files."""
    first = next(boxes(head), None)
    if first is None or first.name != b"ftyp":
        return [b""]
    content = head[first.start : first.stop]
    return [content[:4], *(content[at : at + 4] for at in range(8, len(content), 4))]


def _iso_media(head: bytes) -> Format | None:
    if head[4:8] in MOV_ATOMS:
        return Format("mov", "mov")
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand == b"crx ":
        return None  # Canon's CR3, a raw photo
    return Format("mov" if brand == b"qt  " else "3gp" if brand.startswith((b"3g2", b"3gp")) else "mp4", "mov")


def _riff(head: bytes) -> Format | None:
    if head.startswith((b"RIFF", b"RF64", b"BW64")) and head[8:12] == b"WAVE":
        return Format("wav", "wav")
    if head.startswith(b"RIFF") and head[8:11] == b"AVI":
        return Format("avi", "avi")
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return Format("aiff", "aiff")
    return None


def _other(head: bytes) -> Format | None:
    for magic, container, demuxer in (
        (b"\x1aE\xdf\xa3", "webm" if b"webm" in head[:64] else "matroska", "matroska"),
        (b"OggS", "ogg", "ogg"),
        (b"fLaC", "flac", "flac"),
        (b"#!AMR", "amr", "amr"),
        (b"caff", "caf", "caf"),
        (b"FLV\x01", "flv", "flv"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "asf"),
        (b"\0\0\x01\xba", "mpeg", "mpeg"),
        (b"\0\0\x01\xb3", "mpegvideo", "mpegvideo"),  # MPEG-1 or MPEG-2 without a container
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01", "mxf", "mxf"),
    ):
        if head.startswith(magic):
            return Format(container, demuxer)
    if head[:1] == b"\x47" and head[188:189] in (b"\x47", b""):
        return Format("mpegts", "mpegts") if len(head) >= 188 else None
    if head[4:5] == b"\x47" and head[196:197] == b"\x47":
        return Format("mpegts", "mpegts")
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> Format | None:
    """An MP3 or ADTS frame, perhaps after some garbage; only a header with sensible fields counts."""
    for at in range(min(len(head) - 4, 2048)):
        if head[at] != 0xFF:
            continue
        if at == 0 and head[1] & 0xF6 == 0xF0:
            return Format("aac", "aac")
        # chance matches have no other frame of their kind behind them
        if read_frame(head[at : at + 4]) and head.find(head[at : at + 2], at + 24) != -1:
            return MP3
    return None
