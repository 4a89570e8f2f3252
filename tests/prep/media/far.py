"""An image of noise, and bytes that would have to be fetched."""

import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image


class Far:
    """Bytes that count how many of them are read."""

    far = True
    fingerprint = ""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size_bytes = len(data)
        self.read = 0

    def read_at(self, offset: int, length: int) -> bytes:
        data = self._data[offset : offset + length]
        self.read += len(data)
        return data

    def raise_failure(self) -> None: ...
    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None: ...
    def close(self) -> None: ...


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), Random(1).randbytes(3 * width * height))


def private_exif() -> bytes:
    """EXIF with an owner and a place."""
    exif = Image.Exif()
    exif[0x013B] = "Somebody"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()
