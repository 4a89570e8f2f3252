"""Check of the media type that a server names: whoever fetches the file may rely on it, or on the end of the URL."""

from urllib.parse import urlsplit

from prep.model.media import NAMES

# The media types that storage names by default.
DEFAULTS = ("", "application/octet-stream", "binary/octet-stream")


def served_as(container: str, media_type: str, url: str) -> bool:
    """Whether *media_type*, or the ending of *url* where the server names none, is that of *container*."""
    endings, types = NAMES.get(container, ((), ()))
    plain = media_type.partition(";")[0].strip().lower()
    if plain in DEFAULTS:
        return urlsplit(url).path.lower().endswith(endings)
    return plain in types
