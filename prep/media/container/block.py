"""A block of a file: the unit that stripping keeps or leaves out."""

from typing import NamedTuple


class Block(NamedTuple):
    """*says* names the metadata in it ("exif", "id3", ...); empty: the picture or the sound needs it."""

    name: bytes
    content: bytes
    says: str = ""
