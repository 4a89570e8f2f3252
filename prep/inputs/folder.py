"""Media in a folder, in natural order, and the files in it that are no references."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from prep.errors import UnreadableError, UsageError
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
RECEIPT, RESULT = re.compile(r"receipt(-\w+)?\.json"), re.compile(r"result-\w+\.\w+")

Reason = Literal[
    "sidecar",
    "Live Photo video",
    "system file",
    "hidden file",
    "folder",
    "other file",
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


def walk(folder: str) -> Iterator[str]:
    """Yield the paths of the media in *folder* and the folders below it, sorted folder by folder.

    Hidden and system files are left out, and linked folders are not followed: they may lead in a ring. Raises
    UnreadableError when a folder can't be read.
    """
    for entry in _entries(folder):
        if entry.name.startswith(".") or entry.name.lower() in SYSTEM_FOLDERS:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif _extension(entry.name) in MEDIA and not _is_folder(entry):
            yield tidy(entry.path)


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
    return Listing(tuple(media), {reason: tuple(names) for reason, names in skipped.items()})


def _ours(folder: str, names: list[str]) -> dict[str, Reason]:
    """The files in *folder* that are ours but no prepared references: records, results, what is listed no more."""
    from prep.inputs.manifests import read_manifest

    ours: dict[str, Reason] = {}
    receipts = [name for name in names if RECEIPT.fullmatch(name)]
    ours.update((name, "sidecar") for name in (*receipts, MANIFEST))
    if receipts:
        ours.update((name, "result of a job") for name in names if RESULT.fullmatch(name))
    if MANIFEST in names:
        with suppress(UsageError):
            listed = {entry.output.path for entry in read_manifest(folder).entries}
            made = [name for name in names if OUR_PREFIX.match(name)]
            ours.update((name, "earlier prepared file") for name in made if name not in listed)
    return ours


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: natural(entry.name))
    except OSError as error:
        raise UnreadableError(f"{shown(folder)}: can't be read: {error.strerror or error}") from error


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
