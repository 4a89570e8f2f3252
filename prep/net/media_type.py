"""Check of the media type that a server names: whoever fetches the file may rely on it, or on the end of the URL."""

from urllib.parse import urlsplit

# By container: the media types that servers use for it, and the endings of its URLs.
NAMES = {
    "jpeg": (("image/jpeg", "image/jpg", "image/pjpeg"), (".jpg", ".jpeg")),
    "png": (("image/png", "image/x-png"), (".png",)),
    "webp": (("image/webp",), (".webp",)),
    "gif": (("image/gif",), (".gif",)),
    "bmp": (("image/bmp", "image/x-ms-bmp"), (".bmp",)),
    "tiff": (("image/tiff",), (".tif", ".tiff")),
    "heif": (("image/heic", "image/heif"), (".heic", ".heif")),
    "mp4": (("video/mp4",), (".mp4", ".m4v")),
    "mov": (("video/quicktime",), (".mov", ".qt")),
    "mp3": (("audio/mpeg", "audio/mp3"), (".mp3",)),
    "wav": (("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), (".wav",)),
}
# The media types that storage names by default.
DEFAULTS = ("", "application/octet-stream", "binary/octet-stream")


def served_as(container: str, media_type: str, url: str) -> bool:
    """Whether *media_type*, or the ending of *url* where the server names none, is that of *container*."""
    types, endings = NAMES.get(container, ((), ()))
    plain = media_type.partition(";")[0].strip().lower()
    if plain in DEFAULTS:
        return urlsplit(url).path.lower().endswith(endings) if endings else False
    return plain in types
