"""Previews of files, small enough for a page."""

from prep.model.value import Value


class Thumbnail(Value):
    """A WebP picture, upright; *data* is its bytes in base64."""

    width: int
    height: int
    data: str


class Preview(Value):
    """Of an image its *picture*; of a video that of its middle, and a *strip* of moments at equal distances; of a sound
    the *wave*: the loudest sample of each of many equal stretches, 0..1.

    What could not be read is empty, and *why* says what stood in the way where that can be told.
    """

    picture: Thumbnail | None = None
    strip: tuple[Thumbnail, ...] = ()
    wave: tuple[float, ...] = ()
    why: str = ""
