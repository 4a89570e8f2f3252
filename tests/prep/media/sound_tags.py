"""Tags and chunks as other programs write them, byte by byte after their specifications."""

import io
import struct

from PIL import Image

MARK = "Jane Example"


def gps_cover() -> bytes:
    """A JPEG whose EXIF names a position."""
    exif, out = Image.Exif(), io.BytesIO()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0)})
    Image.new("RGB", (32, 32), (200, 30, 30)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def text(name: str, value: str, version: int = 4) -> bytes:
    return frame(name, b"\x03" + value.encode() if version == 4 else b"\x01" + value.encode("utf-16"), version)


def user_text(key: str, value: str, version: int = 4) -> bytes:
    return frame("TXXX", b"\x03" + key.encode() + b"\0" + value.encode(), version)


def picture(data: bytes, version: int = 4) -> bytes:
    if version == 2:
        return frame("PIC", b"\0JPG\x03\0" + data, version)
    return frame("APIC", b"\0image/jpeg\0\x03\0" + data, version)


def frame(name: str, content: bytes, version: int = 4, flags: bytes = b"\0\0") -> bytes:
    if version == 2:
        return name.encode() + len(content).to_bytes(3, "big") + content
    size = seven_bits(len(content)) if version == 4 else len(content).to_bytes(4, "big")
    return name.encode() + size + flags + content


def seven_bits(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3v2(
    frames: bytes, version: int = 4, *, unsynchronised: bool = False, footer: bool = False, padding: int = 0
) -> bytes:
    body = frames + bytes(padding)
    if unsynchronised:
        body = (
            body.replace(b"\xff\0", b"\xff\0\0").replace(b"\xff\xe0", b"\xff\0\xe0").replace(b"\xff\xd8", b"\xff\0\xd8")
        )
    rest = bytes((version, 0, 0x80 * unsynchronised | 0x10 * footer)) + seven_bits(len(body))
    return b"ID3" + rest + body + (b"3DI" + rest if footer else b"")


def id3v1(artist: str = MARK, album: str = "") -> bytes:
    return b"TAG" + struct.pack("30s30s30s4s30sB", b"Memo", artist.encode(), album.encode(), b"2026", b"", 255)


def enhanced(artist: str = MARK) -> bytes:
    return b"TAG+" + struct.pack("60s60s60sB30s6s6s", b"Memo", artist.encode(), b"", 0, b"", b"", b"") + id3v1()


def ape(items: dict[str, bytes], *, header: bool = True) -> bytes:
    body = b"".join(struct.pack("<II", len(value), 0) + key.encode() + b"\0" + value for key, value in items.items())

    def edge(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack("<IIII8x", 2000, len(body) + 32, len(items), flags)

    has = 0x8000_0000 if header else 0
    return (edge(has | 0x2000_0000) if header else b"") + body + edge(has)


def lyrics3(words: str = MARK) -> bytes:
    body = b"LYRICSBEGININD0000200LYR" + f"{len(words):05}{words}".encode()
    return body + f"{len(body):06}".encode() + b"LYRICS200"


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def bext(originator: str = MARK, reference: str = "USSN0123456789") -> bytes:
    fields = struct.pack("256s32s32s10s8s", b"", originator.encode(), reference.encode(), b"2026-11-22", b"12:00:00")
    return chunk(b"bext", fields + bytes(602 - len(fields)))


def info(**fields: str) -> bytes:
    return chunk(
        b"LIST", b"INFO" + b"".join(chunk(name.encode(), value.encode() + b"\0") for name, value in fields.items())
    )


def ixml(**elements: str) -> bytes:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    return chunk(b"iXML", f'<?xml version="1.0" encoding="UTF-8"?><BWFXML>{inside}</BWFXML>'.encode())


def wav_with(plain: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """*plain*, a WAV, with chunks before its samples and behind them."""
    at = plain.index(b"data")
    body = plain[8:at] + before + plain[at:] + bytes(len(plain) % 2) + after
    return plain[:4] + struct.pack("<I", len(body)) + body
