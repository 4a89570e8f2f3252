"""Blocks of a JPEG, PNG or WebP: those the picture needs, and those that carry metadata.

Pixel data is neither decoded nor changed; a block is kept or dropped as a whole. Pillow lists no blocks, and writes a
file only by encoding its pixels again.
"""

import re
import zlib
from collections.abc import Iterator
from mmap import mmap

from prep.media.container.block import Block
from prep.media.container.riff import chunks

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# ITU-T T.81, B.1.1.2: within coded data 0xFF is followed by 0 or a restart marker; 0xFF may be repeated as padding.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
JPEG_METADATA = {0xE1: "exif", 0xED: "iptc", 0xFE: "comment"}
PNG_METADATA = {b"eXIf": "exif", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "time"}
# The chunks a PNG needs to look as it does (PNG, third edition, 4.7 and 11.3), and the frames of an animation.
PNG_PICTURE = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
WEBP_PICTURE = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_METADATA = {b"EXIF": "exif", b"XMP ": "xmp"}
RAW_EXIF = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
MAX_TEXT_BYTES = 1_000_000
# Phones append up to four pictures: gain map, depth, preview, thumbnail. Each costs another pass over the rest.
MAX_APPENDED = 16
WEBP_HEAD_BYTES = 30


def blocks(data: bytes, container: str) -> Iterator[Block]:
    """The blocks of a file, in order; none for a container other than "jpeg", "png" and "webp".

    A broken file ends early. Whatever follows the picture is one block of the kind "trailer".
    """
    readers = {"jpeg": _jpeg, "png": _png, "webp": _webp}
    return readers[container](data) if container in readers else iter(())


def metadata(data: bytes, container: str) -> tuple[str, ...]:
    """The kinds of metadata in the file, each once: "exif", "xmp", "text", "trailer", ..."""
    return tuple(dict.fromkeys(block.says for block in blocks(data, container) if block.says))


def appended_pictures(data: bytes) -> list[list[Block]]:
    """The blocks of each picture that follows the first one in a JPEG, of MAX_APPENDED pictures at most."""
    pictures, trailer = list[list[Block]](), _trailer(list(_jpeg(data)))
    while len(pictures) < MAX_APPENDED and (at := trailer.find(b"\xff\xd8\xff")) >= 0:
        pictures.append(list(_jpeg(trailer[at:])))
        trailer = _trailer(pictures[-1])
    return pictures


def _trailer(picture: list[Block]) -> bytes:
    return picture[-1].content if picture[-1].says == "trailer" else b""


def png_exif(data: bytes) -> bytes | None:
    """The EXIF of a PNG, wherever it is: Pillow would have to decode the pixels before it to see it.

    Programs from before there was a chunk for it wrote it in hexadecimal, as a text (ImageMagick's "raw profile").
    """
    in_text = None
    for block in _png(data):
        content = block.content[8:-4]
        if block.name == b"eXIf":
            return content
        if block.says == "text" and content.startswith(RAW_EXIF):
            in_text = in_text or _from_hexadecimal(block.name, content)
    return in_text


def png_xmp(data: bytes) -> bytes:
    """The XMP packets of a PNG as they are, without those that are compressed."""
    return b"".join(block.content for block in _png(data) if block.says == "xmp")


def _from_hexadecimal(name: bytes, content: bytes) -> bytes | None:
    text = content.split(b"\0", 1)[1]
    try:
        if name == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], MAX_TEXT_BYTES)
        return bytes.fromhex("".join(text.decode("latin-1").split("\n")[3:]))  # behind a name and a length
    except (ValueError, zlib.error):
        return None


def webp_size(head: bytes) -> tuple[int, int]:
    """Width and height by the first WEBP_HEAD_BYTES of a WebP (RFC 9649, 2.5 to 2.7); zeros where it is broken."""
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            sides = int.from_bytes(head[21:25], "little")
            return 1 + (sides & 0x3FFF), 1 + (sides >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
        case _:
            return 0, 0


def webp_is_lossless(data: bytes) -> bool:
    """Whether a WebP, or the first frame of an animated one, is coded without loss."""
    for block in _webp(data):
        # the header of a frame takes 16 bytes, and the picture follows as a block of its own
        name = block.content[24:28] if block.name == b"ANMF" else block.name
        if name in (b"VP8 ", b"VP8L", b"ALPH"):  # ALPH precedes only a picture coded with loss
            return name == b"VP8L"
    return False


def scan_start(data: bytes | mmap) -> int:
    """The offset at which the coded data of a JPEG begins, or at which a broken header stops making sense."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        at += 1 if kind == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == START_OF_SCAN:
            break
    return at


def _jpeg(data: bytes) -> Iterator[Block]:
    yield Block(b"SOI", data[:2])
    at = 2
    while at + 2 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind == END_OF_IMAGE:
            yield Block(b"EOI", data[at : at + 2])
            at += 2
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == START_OF_SCAN:
            marker = MARKER.search(data, end)
            end = marker.start() if marker else len(data)
        yield _segment(kind, data[at:end])
        at = end
    if at < len(data):
        yield Block(b"", data[at:], "trailer")


def _segment(marker: int, content: bytes) -> Block:
    """One segment; APP0 (JFIF, without its thumbnail), APP14 and the ICC profile are needed to read the colours."""
    name, body = f"{marker:02X}".encode(), content[4:]
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return Block(name, content if len(body) <= 14 else b"\xff\xe0\0\x10" + body[:12] + b"\0\0")
    if marker == 0xE1 and body.startswith(b"http://ns.adobe.com/"):
        return Block(name, content, "xmp")
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return Block(name, content)
    if marker == 0xEE and body.startswith(b"Adobe"):
        return Block(name, content)
    application = 0xE0 <= marker <= 0xEF
    return Block(name, content, JPEG_METADATA.get(marker, "application data" if application else ""))


def _png(data: bytes) -> Iterator[Block]:
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content = data[at : at + 12 + size]
        at += 12 + size
        if name in PNG_PICTURE:
            yield Block(name, content)
        elif content[8:].startswith(b"XML:com.adobe.xmp\0"):
            yield Block(name, content, "xmp")
        else:
            yield Block(name, content, PNG_METADATA.get(name, "private chunk"))
        if name == b"IEND":
            break
    if at < len(data):
        yield Block(b"", data[at:], "trailer")


def _webp(data: bytes) -> Iterator[Block]:
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for chunk in chunks(data, stop=end):
        says = "" if chunk.name in WEBP_PICTURE else WEBP_METADATA.get(chunk.name, "private chunk")
        yield Block(chunk.name, data[chunk.begin : chunk.end], says)
    if end < len(data):
        yield Block(b"", data[end:], "trailer")
