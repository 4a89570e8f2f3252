"""The manifest of prepared files, and the totals over a set."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from prep.model.finding import Finding
from prep.model.media import AudioInfo, ImageInfo, Kind, MediaInfo, VideoInfo
from prep.model.plan import Step
from prep.model.reference import URLS, Name
from prep.model.value import Printable, Value

MANIFEST = "manifest.json"
# RFC 6838, 4.2. It becomes a header of the upload.
MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")


def _media_type(text: str) -> str:
    if not MEDIA_TYPE.fullmatch(text):
        raise ValueError("not a media type such as video/mp4")
    return text


def _web_url(text: str) -> str:
    if not text.lower().startswith(URLS):
        raise ValueError("not an https:// URL")
    return text


class Totals(Value):
    """What the limits over the set are measured on. Seconds and bytes."""

    files: int
    images: int
    videos: int
    audios: int
    video_duration_s: float
    video_bytes: int
    audio_duration_s: float


def totals(infos: Iterable[MediaInfo]) -> Totals:
    infos = tuple(infos)
    videos = [info for info in infos if isinstance(info, VideoInfo)]
    audios = [info for info in infos if isinstance(info, AudioInfo)]
    return Totals(
        files=len(infos),
        images=sum(isinstance(info, ImageInfo) for info in infos),
        videos=len(videos),
        audios=len(audios),
        # microseconds: sums of floats must not tip a limit
        video_duration_s=round(sum(video.duration_s for video in videos), 6),
        video_bytes=sum(video.bytes for video in videos),
        audio_duration_s=round(sum(audio.duration_s for audio in audios), 6),
    )


class ProbedFile(Value):
    """A file and its MediaInfo. In JSON the facts stand beside the file's own keys, not in an object of their own."""

    info: MediaInfo

    @model_serializer(mode="wrap")
    def _flatten(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialize(self)
        info: dict[str, Any] = fields.pop("info")
        return fields | info

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, fields: Any) -> Any:
        if not isinstance(fields, dict) or "info" in fields:
            return fields
        own = {key: value for key, value in fields.items() if key in cls.model_fields}
        return own | {"info": {key: value for key, value in fields.items() if key not in cls.model_fields}}


class SourceFile(ProbedFile):
    """What the user gave; *path* as given, a URL without its query.

    *sha256* None: it was not fetched, or not all of a large file was read; *fingerprint* then identifies that by its
    size and samples of its content.
    """

    path: str
    sha256: str | None
    fingerprint: str | None = None


class OutputFile(ProbedFile):
    """The file that came out; *path* is relative to the manifest, *media_type* what it is uploaded as.

    With a *url* there is no file, no *path* and no *sha256*: it complies where it is, and the request names the URL.
    """

    path: str | None = None
    url: Annotated[str, AfterValidator(_web_url)] | None = None
    sha256: str | None = None
    media_type: Annotated[str, AfterValidator(_media_type)]


class ManifestEntry(Value):
    """One reference. *steps* is empty exactly when output and source have the same sha256."""

    tag: str
    name: Name | None = None
    kind: Kind
    source: SourceFile
    output: OutputFile
    steps: tuple[Step, ...] = ()


class SpecUsed(Value):
    endpoint: str
    checked: date


class ToolUsed(Value):
    version: str
    ffmpeg: str


class Manifest(Printable):
    """Everything that came out of one preparation, in the order of the references.

    *folder* is the absolute path of the folder that the files are in, as `prepare` and `read_manifest` know it. It is
    not part of the JSON, so that the folder can be moved; a manifest that was read from JSON has None.
    """

    endpoint: str
    entries: tuple[ManifestEntry, ...]
    totals: Totals
    spec: SpecUsed
    tool: ToolUsed
    findings: tuple[Finding, ...] = ()
    folder: Path | None = Field(default=None, exclude=True)

    @property
    def paths(self) -> dict[str, Path]:
        """The absolute path of the file for each tag; none for what is sent as its URL, or while *folder* is None."""
        if self.folder is None:
            return {}
        return {entry.tag: self.folder / entry.output.path for entry in self.entries if entry.output.path}

    @property
    def names(self) -> dict[str, str | None]:
        """The user's name, if any, for each tag."""
        return {entry.tag: entry.name for entry in self.entries}

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of each tag."""
        return {entry.tag: entry.kind for entry in self.entries}
