"""The blocks that a JPEG, PNG or WebP consists of: which of them are the picture, and which tell something beside it.

Pixel data is neither decoded nor changed; what is left out is left out whole.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from prep.media.container.block import Block
from prep.media.container.riff import chunks

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# ITU-T T.81, B.1.1.2: within coded data 0xFF is followed by 0 or a restart marker; 0xFF may be repeated as filling.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
JPEG_SAYS = {0xE1: "exif", 0xED: "iptc", 0xFE: "comment"}
PNG_SAYS = {b"eXIf": "exif", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "time"}
# What a PNG needs to look as it does (PNG, third edition, 4.7 and 11.3), and the frames of an animation.
PNG_PICTURE = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
WEBP_PICTURE = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_SAYS = {b"EXIF": "exif", b"XMP ": "xmp"}
# Phones write up to four: gain map, depth, preview, thumbnail. Each costs another pass over what is left.
MOST_BEHIND = 16
XMP_AND_EXIF_FLAGS = 0x04 | 0x08  # in the first byte of VP8X


def blocks(data: bytes, container: str) -> Iterator[Block]:
    """The blocks of a file, in order; nothing for a container that is not known here.

    A broken file ends early. What follows the picture is one block that says "trailer".
    """
    match container:
        case "jpeg":
            return _jpeg(data)
        case "png":
            return _png(data)
        case "webp":
            return _webp(data)
        case _:
            return iter(())


def metadata(data: bytes, container: str) -> tuple[str, ...]:
    """What the file tells beside the picture, each kind once: "exif", "xmp", "text", "trailer", ..."""
    return tuple(dict.fromkeys(block.says for block in blocks(data, container) if block.says))


def pictures_behind(data: bytes) -> list[list[Block]]:
    """The blocks of each picture that lies behind the first one in a JPEG, MOST_BEHIND of them."""
    found, trailer = list[list[Block]](), _trailer(list(_jpeg(data)))
    while len(found) < MOST_BEHIND and (at := trailer.find(b"\xff\xd8\xff")) >= 0:
        found.append(list(_jpeg(trailer[at:])))
        trailer = _trailer(found[-1])
    return found


def _trailer(picture: list[Block]) -> bytes:
    return picture[-1].content if picture[-1].says == "trailer" else b""


def png_exif(data: bytes) -> bytes | None:
    """A PNG's EXIF wherever it stands: behind the pixels Pillow would have to decode them to see it."""
    return next((block.content[8:-4] for block in _png(data) if block.name == b"eXIf"), None)


def webp_is_lossless(data: bytes) -> bool:
    """Whether a WebP, or the first frame of an animated one, is coded without loss, whatever stands before it."""
    for block in _webp(data):
        # the header of a frame takes 16 bytes, and the picture follows as a block of its own
        name = block.content[24:28] if block.name == b"ANMF" else block.name
        if name in (b"VP8 ", b"VP8L", b"ALPH"):  # ALPH goes before a picture with loss only
            return name == b"VP8L"
    return False


def strip(source: Path, target: Path, container: str) -> None:
    """Write *target*: *source* without its metadata, the coded picture bit by bit the same."""
    kept = [block for block in blocks(source.read_bytes(), container) if not block.says]
    match container:
        case "jpeg":
            target.write_bytes(b"".join(block.content for block in kept))
        case "png":
            target.write_bytes(PNG_SIGNATURE + b"".join(block.content for block in kept))
        case "webp":
            body = b"".join(_without_flags(block) for block in kept)
            target.write_bytes(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body)
        case _:
            raise ValueError(f"{container} can't be stripped without encoding it anew")


def _jpeg(data: bytes) -> Iterator[Block]:
    yield Block(b"SOI", data[:2])
    at = 2
    while at + 2 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # filling
            at += 1
            continue
        if kind == END_OF_IMAGE:
            yield Block(b"EOI", data[at : at + 2])
            at += 2
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == START_OF_SCAN:
            found = MARKER.search(data, end)
            end = found.start() if found else len(data)
        yield _segment(kind, data[at:end])
        at = end
    if at < len(data):
        yield Block(b"", data[at:], "trailer")


def _segment(kind: int, content: bytes) -> Block:
    """APP0 (JFIF, without its thumbnail), APP14 and the ICC profile are needed to read the colours."""
    name, body = f"{kind:02X}".encode(), content[4:]
    if kind == 0xE0 and body.startswith(b"JFIF\0"):
        return Block(name, content if len(body) <= 14 else b"\xff\xe0\0\x10" + body[:12] + b"\0\0")
    if kind == 0xE1 and body.startswith(b"http://ns.adobe.com/"):
        return Block(name, content, "xmp")
    if kind == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return Block(name, content)
    if kind == 0xEE and body.startswith(b"Adobe"):
        return Block(name, content)
    application = 0xE0 <= kind <= 0xEF
    return Block(name, content, JPEG_SAYS.get(kind, "application data" if application else ""))


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
            yield Block(name, content, PNG_SAYS.get(name, "private chunk"))
        if name == b"IEND":
            break
    if at < len(data):
        yield Block(b"", data[at:], "trailer")


def _webp(data: bytes) -> Iterator[Block]:
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for chunk in chunks(data, stop=end):
        says = "" if chunk.name in WEBP_PICTURE else WEBP_SAYS.get(chunk.name, "private chunk")
        yield Block(chunk.name, data[chunk.begin : chunk.end], says)
    if end < len(data):
        yield Block(b"", data[end:], "trailer")


def _without_flags(block: Block) -> bytes:
    if block.name != b"VP8X":
        return block.content
    content = bytearray(block.content)
    content[8] &= ~XMP_AND_EXIF_FLAGS
    return bytes(content)
