"""Whether a server calls a file what it is. Whoever fetches it may believe the server, or the end of the URL."""

from urllib.parse import urlsplit

# By container: the media types that servers use for it, and the endings that stand for it.
NAMED = {
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
# What storage says when nobody told it.
UNSAID = ("", "application/octet-stream", "binary/octet-stream")


def served_as(container: str, media_type: str, url: str) -> bool:
    """Whether *media_type*, or the ending of *url* where the server says nothing, is that of *container*."""
    types, endings = NAMED.get(container, ((), ()))
    plain = media_type.partition(";")[0].strip().lower()
    if plain in UNSAID:
        return urlsplit(url).path.lower().endswith(endings) if endings else False
    return plain in types
