"""Media in a folder or of a pattern, in natural order, and the files there that are no references."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from prep.errors import UsageError, unreadable
from prep.inputs.file_name import tidy
from prep.media.io.files import OUR_PREFIX
from prep.model.manifest import MANIFEST
from prep.model.media import Kind
from prep.model.redact import shown

# Folders hold all sorts of files, so names decide what is looked at there; content decides what it is. Left out: .ts
# and .mts, which are more often programs than MPEG streams.
EXTENSIONS: dict[Kind, str] = {
    "image": "jpg jpeg jpe mpo png apng webp gif bmp tif tiff heic heif avif jxl",
    "video": "mp4 m4v mov qt mkv webm avi flv wmv asf m2ts mpg mpeg 3gp 3g2",
    "audio": "mp3 wav wave m4a aac flac ogg oga opus aif aiff amr caf wma",
}
KINDS: dict[str, Kind] = {f".{name}": kind for kind, names in EXTENSIONS.items() for name in names.split()}
MEDIA = frozenset(KINDS)

# What systems and cameras put beside media: edits, metadata, previews in low resolution, thumbnails, subtitles of
# drones (SRT) and GPS tracks.
SIDECARS = frozenset(
    (".aae", ".xmp", ".lrv", ".lrf", ".thm", ".srt", ".gpx", ".pp3", ".dop", ".moff", ".modd", ".bup", ".ifo")
)
SYSTEM_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "icon\r", ".ds_store", ".localized"))
# Synology and macOS keep thumbnails and resource forks there, in files that look like media.
SYSTEM_FOLDERS = frozenset(("@eadir", "__macosx", "$recycle.bin", "system volume information"))

# What `run` and `submit` put beside the files that were prepared.
RECEIPT, RESULT = re.compile(r"receipt(-\w+)?\.json"), re.compile(r"result-\w+(-\d+)?\.\w+")

Reason = Literal[
    "sidecar",
    "Live Photo video",
    "system file",
    "hidden file",
    "folder",
    "other file",
    "file of this program",
    "result of a job",
    "earlier prepared file",
]

DIGITS = re.compile(r"([0-9]{1,200})")


class Listing(NamedTuple):
    """The paths of the media in a folder, and the names of everything else by the reason why it is skipped."""

    media: tuple[str, ...]
    skipped: dict[Reason, tuple[str, ...]]


def natural(name: str) -> tuple[tuple[str | int, ...], str]:
    """The sorting key that puts IMG_2 before IMG_10, and ignores case unless names differ in nothing else."""
    parts = DIGITS.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name


def natural_path(path: str) -> tuple[tuple[tuple[str | int, ...], str], ...]:
    """The key that sorts paths naturally, folder by folder."""
    return tuple(natural(part) for part in path.split(os.sep))


def kind_by_name(name: str) -> Kind | None:
    """The kind that a file's extension promises; None: it promises none."""
    return KINDS.get(os.path.splitext(name)[1].lower())


def list_folder(folder: str) -> Listing:
    """List the media directly in *folder*. Raises UnreadableError when it can't be read."""
    entries = _entries(folder)
    names = [entry.name for entry in entries]
    listing = _listing(names, {entry.name for entry in entries if _is_folder(entry)}, _ours(folder, names))
    paths = {entry.name: tidy(entry.path) for entry in entries}
    return listing._replace(media=tuple(paths[name] for name in listing.media))


def list_names(files: Iterable[str], folders: Iterable[str]) -> Listing:
    """List a folder as `list_folder` does, of which only the names in it are known; its media are names."""
    folders = set(folders)
    return _listing(sorted({*files, *folders}, key=natural), folders, {})


def list_tree(folder: str) -> Listing:
    """List the media in *folder* and the folders below it, sorted folder by folder; what is skipped as paths as well.

    Linked folders are not followed: they may lead in a ring. Raises UnreadableError when a folder can't be read.
    """
    media: list[str] = []
    skipped: dict[Reason, list[str]] = {}
    open_folders = [_walked(folder)]  # no recursion: folders may be nested deeper than Python's stack
    while open_folders:
        path, reason = next(open_folders[-1], (None, None))
        if path is None:
            open_folders.pop()
        elif reason is None:
            media.append(path)
        elif reason == "folder" and not os.path.islink(path):
            open_folders.append(_walked(path))
        else:
            skipped.setdefault(reason, []).append(path)
    return _fixed(media, skipped)


def list_matches(paths: Iterable[str]) -> Listing:
    """List *paths*, all files of one pattern, as if their folders held nothing else; what is skipped as paths as well.

    Where a folder would skip all of them, they are what the pattern means, and are listed as media.
    """
    paths = sorted(paths, key=natural_path)
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    skipped: dict[Reason, list[str]] = {}
    for folder, names in folders.items():
        inside = any(part.lower() in SYSTEM_FOLDERS for part in folder.split(os.sep))
        ours: dict[str, Reason] = dict.fromkeys(names, "system file") if inside else _ours(folder, _names(folder))
        for reason, some in _listing(names, (), ours).skipped.items():
            skipped.setdefault(reason, []).extend(os.path.join(folder, name) for name in some)
    out = {path for some in skipped.values() for path in some}
    media = [path for path in paths if path not in out]
    return _fixed(media, skipped) if media else Listing(tuple(paths), {})


def _walked(folder: str) -> Iterator[tuple[str, Reason | None]]:
    """The paths in *folder* in natural order, each with the reason why it is no media."""
    entries = _entries(folder)
    names = [entry.name for entry in entries]
    listing = _listing(names, {entry.name for entry in entries if _is_folder(entry)}, _ours(folder, names))
    reasons = {name: reason for reason, some in listing.skipped.items() for name in some}
    yield from ((tidy(entry.path), reasons.get(entry.name)) for entry in entries)


def _fixed(media: Iterable[str], skipped: Mapping[Reason, Iterable[str]]) -> Listing:
    return Listing(tuple(media), {reason: tuple(names) for reason, names in skipped.items()})


def _listing(names: Sequence[str], folders: Collection[str], ours: Mapping[str, Reason]) -> Listing:
    photos = {_stem(name) for name in names if _extension(name) in (".heic", ".heif")}
    media: list[str] = []
    skipped: dict[Reason, list[str]] = {}
    for name in names:
        reason = ours.get(name) or _reason(name, photos, is_folder=name in folders)
        if reason is None:
            media.append(name)
        else:
            skipped.setdefault(reason, []).append(name)
    return _fixed(media, skipped)


def _ours(folder: str, names: list[str]) -> dict[str, Reason]:
    """The files in *folder* that are ours but no prepared references: records, results, what is listed no more."""
    from prep.inputs.manifests import read_manifest

    ours: dict[str, Reason] = {}
    receipts = [name for name in names if RECEIPT.fullmatch(name)]
    ours.update((name, "file of this program") for name in (*receipts, MANIFEST))
    if receipts:
        ours.update((name, "result of a job") for name in names if RESULT.fullmatch(name))
    if MANIFEST in names:
        with suppress(UsageError):
            listed = {entry.output.path for entry in read_manifest(folder).entries}
            made = [name for name in names if OUR_PREFIX.match(name)]
            ours.update((name, "earlier prepared file") for name in made if name not in listed)
    return ours


def _names(folder: str) -> list[str]:
    """The names in *folder*; none where a pattern could look for a file but not list the folder."""
    with suppress(OSError):
        return os.listdir(folder or ".")
    return []


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: natural(entry.name))
    except OSError as error:
        raise unreadable(shown(folder), error) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that leads in a ring is none; opening it says what is wrong."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def companion(name: str) -> Reason | None:
    """The sort of file beside media that *name* is one of; None: of none."""
    if name.lower() in SYSTEM_FILES or name.startswith("._"):
        return "system file"
    return "sidecar" if _extension(name) in SIDECARS else None


def _reason(name: str, photos: Collection[str], *, is_folder: bool) -> Reason | None:
    """Why *name* is skipped; None: it is media. *photos* are the stems of the HEIC photos beside it."""
    lower, extension = name.lower(), _extension(name)
    if lower in SYSTEM_FILES or lower in SYSTEM_FOLDERS or lower.startswith("._"):
        return "system file"
    if lower.startswith("."):
        return "hidden file"
    if is_folder:
        return "folder"
    if extension in SIDECARS:
        return "sidecar"
    if extension == ".mov" and _stem(name) in photos:
        return "Live Photo video"
    return None if extension in MEDIA else "other file"


def _stem(name: str) -> str:
    return os.path.splitext(name)[0].lower()


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()
