"""What a JPEG XL says of itself before its pixels (ISO/IEC 18181-1, annex D, and 18181-2), read without a decoder."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

# What a bare codestream begins with, and one in boxes.
CODESTREAM, CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
# Headers take some tens of bytes; names of extra channels can make them longer.
HEADER_BYTES = 8192
MOST_BOXES = 256
RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
SRGB_PRIMARIES, SRGB_CURVE, D65 = 1, 13, 1
TRANSFERS: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}
CUSTOM = 2
GREY, XYB = 1, 2
ALPHA, SPOT_COLOR, BLACK, FILTER_ARRAY = 0, 2, 4, 5
SAYS = {b"Exif": "exif", b"xml ": "xmp", b"jumb": "jumbf"}

# What a number may be written as: so many bits, and what is added to them (18181-1, B.2.3).
Choices = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
SIDE: Choices = ((9, 1), (13, 1), (18, 1), (30, 1))
SMALL_PREVIEW: Choices = ((0, 16), (0, 32), (5, 1), (9, 33))
PREVIEW: Choices = ((6, 1), (8, 65), (10, 321), (12, 1345))
ENUM: Choices = ((0, 0), (0, 1), (4, 2), (6, 18))
COORDINATE: Choices = ((19, 0), (19, 524_288), (20, 1_048_576), (21, 2_097_152))


class Header(NamedTuple):
    """*width* and *height* are as displayed. *bits* and *grey* are those of the colours, *xyb*: coded with loss.

    *primaries* and *transfer* are numbers of ITU-T H.273 (2: others); they say nothing with an ICC *profile*.
    *exif* is what the box of that name holds, *says* the kinds of metadata that there are, also compressed ones.
    *from_jpeg*: a JPEG packed again. *truncated*: a box ends behind the end of the file; without boxes nobody knows.
    """

    width: int
    height: int
    bits: int = 8
    grey: bool = False
    has_alpha: bool = False
    inks: bool = False
    animated: bool = False
    xyb: bool = True
    profile: bool = False
    primaries: int = SRGB_PRIMARIES
    transfer: int = SRGB_CURVE
    white_point: int = D65
    exif: bytes = b""
    says: tuple[str, ...] = ()
    from_jpeg: bool = False
    truncated: bool = False

    @property
    def hdr(self) -> Literal["pq", "hlg"] | None:
        return None if self.profile else TRANSFERS.get(self.transfer)

    @property
    def as_srgb(self) -> bool:
        """Whether its samples mean what sRGB's do."""
        told = (self.primaries, self.transfer, self.white_point)
        return not self.profile and told == (SRGB_PRIMARIES, SRGB_CURVE, D65)


def read_header(item: Openable) -> Header:
    """Raises ValueError when it does not parse, EOFError when it ends too early."""
    if read_part(item, 0, 2) == CODESTREAM:
        return _codestream(read_part(item, 0, HEADER_BYTES))
    coded, exif, says, from_jpeg, end = b"", b"", list[str](), False, 0
    for name, start, length in _boxes(item):
        end = start + length
        if name in (b"jxlc", b"jxlp") and len(coded) < HEADER_BYTES:
            number = 4 if name == b"jxlp" else 0  # which part it is; they stand in their order
            coded += read_part(item, start + number, min(length - number, HEADER_BYTES))
        inside = read_part(item, start, 4) if name == b"brob" else name
        says += [SAYS[inside]] if inside in SAYS else []
        from_jpeg |= inside == b"jbrd"
        if name == b"Exif":
            content = read_part(item, start, min(length, 1_000_000))
            exif = content[4 + int.from_bytes(content[:4], "big") :]
    return _codestream(coded)._replace(
        exif=exif, says=tuple(dict.fromkeys(says)), from_jpeg=from_jpeg, truncated=end > size_of(item)
    )


def _boxes(item: Openable) -> Iterator[tuple[bytes, int, int]]:
    """The name of each box, where its content starts and how long that says it is."""
    at, end = 0, size_of(item)
    for _ in range(MOST_BOXES):
        head = read_part(item, at, 16)
        if len(head) < 8:
            return
        size, name, own = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, own = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:  # up to the end
            size = end - at
        if size < own:
            raise ValueError("a box is shorter than its own header")
        yield name, at + own, size - own
        at += size


class _Bits:
    """Reads from the lowest bit of each byte on (18181-1, B.2)."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise EOFError("its header is cut off")
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return found

    def flag(self) -> bool:
        return self.take(1) == 1

    def one_of(self, choices: Choices) -> int:
        bits, added = choices[self.take(2)]
        return self.take(bits) + added


def _codestream(data: bytes) -> Header:
    bits = _Bits(data)
    if data[:2] != CODESTREAM:
        raise ValueError("its codestream is missing")
    bits.take(16)
    width, height = _size(bits)
    if bits.flag():  # everything else is as most files have it
        return Header(width, height)
    orientation, animated = 1, False
    if bits.flag():
        orientation = 1 + bits.take(3)
        if bits.flag():
            _size(bits)  # the size to show it at, which decoders leave to the viewer
        if bits.flag():
            _preview(bits)
        animated = bits.flag()
        if animated:
            _animation(bits)
    depth = _depth(bits)
    bits.take(1)  # whether 16 bits are enough while decoding
    channels = [_extra_channel(bits) for _ in range(bits.one_of(((0, 0), (0, 1), (4, 2), (12, 1))))]
    header = Header(
        *((height, width) if orientation >= 5 else (width, height)),
        bits=depth,
        has_alpha=ALPHA in channels,
        inks=BLACK in channels,
        animated=animated,
        xyb=bits.flag(),
    )
    return header if bits.flag() else _colored(header, bits)


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.flag()
    height = (bits.take(5) + 1) * 8 if small else bits.one_of(SIDE)
    if ratio := bits.take(3):
        return height * RATIOS[ratio][0] // RATIOS[ratio][1], height
    return (bits.take(5) + 1) * 8 if small else bits.one_of(SIDE), height


def _preview(bits: _Bits) -> None:
    sides = SMALL_PREVIEW if bits.flag() else PREVIEW
    bits.one_of(sides)
    if not bits.take(3):
        bits.one_of(sides)


def _animation(bits: _Bits) -> None:
    """Ticks a second, how often it is repeated, whether its frames have time codes."""
    bits.one_of(((0, 100), (0, 1000), (10, 1), (30, 1)))
    bits.one_of(((0, 1), (0, 1001), (8, 1), (10, 1)))
    bits.one_of(((0, 0), (3, 0), (16, 0), (32, 0)))
    bits.take(1)


def _depth(bits: _Bits) -> int:
    floating = bits.flag()
    depth = bits.one_of(((0, 32), (0, 16), (0, 24), (6, 1)) if floating else ((0, 8), (0, 10), (0, 12), (6, 1)))
    if floating:
        bits.take(4)
    return depth


def _extra_channel(bits: _Bits) -> int:
    if bits.flag():
        return ALPHA
    kind = bits.one_of(ENUM)
    _depth(bits)
    bits.one_of(((0, 0), (0, 3), (0, 4), (3, 1)))
    bits.take(8 * bits.one_of(((0, 0), (4, 0), (5, 16), (10, 48))))
    if kind == ALPHA:
        bits.take(1)
    elif kind == SPOT_COLOR:
        bits.take(64)
    elif kind == FILTER_ARRAY:
        bits.one_of(((0, 1), (2, 0), (4, 3), (8, 19)))
    return kind


def _colored(header: Header, bits: _Bits) -> Header:
    """With what a colour encoding other than sRGB says."""
    profile, space = bits.flag(), bits.one_of(ENUM)
    if profile or space == XYB:
        return header._replace(profile=profile, grey=space == GREY)
    white_point = bits.one_of(ENUM)
    if white_point == CUSTOM:
        _coordinates(bits, 1)
    primaries = SRGB_PRIMARIES if space == GREY else bits.one_of(ENUM)
    if primaries == CUSTOM:
        _coordinates(bits, 3)
    transfer = CUSTOM if bits.flag() else bits.one_of(ENUM)
    return header._replace(grey=space == GREY, white_point=white_point, primaries=primaries, transfer=transfer)


def _coordinates(bits: _Bits, points: int) -> None:
    for _ in range(2 * points):
        bits.one_of(COORDINATE)
