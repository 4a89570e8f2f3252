"""A maker whose files are a few bytes of text, and a small plan to carry out with it."""

import hashlib
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from prep.execution.execute import Made, Workplace, execute
from prep.execution.lock import claimed
from prep.inputs.access import Access
from prep.media.io.files import stamp
from prep.media.task import Task
from prep.model.media import ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import EncodeImage, EncodeVideo, Plan, PlanEntry
from prep.model.progress import Progress
from prep.model.reference import Reference
from prep.model.source import Source
from prep.rules.findings import Findings, about
from prep.rules.video import damaged
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.stages import open_context

SPEC = load_spec()
PHOTO = ImageInfo(container="jpeg", bytes=1000, width=800, height=600, mode="RGB")
CLIP = VideoInfo(
    container="mp4",
    bytes=1000,
    width=1280,
    height=720,
    coded_width=1280,
    coded_height=720,
    fps=30.0,
    avg_fps=30.0,
    duration_s=5.0,
    codec="h264",
    pix_fmt="yuv420p",
)
JPEG = EncodeImage(container="jpeg", because=("asked",))
H264 = EncodeVideo(fps="30/1", max_bytes=10_000, because=("asked",))


class Bench:
    """Implements Maker. *made* is what a file that was made is probed as, by the name of its source."""

    def __init__(self, made: dict[str, MediaInfo | Exception] | None = None) -> None:
        self.made = made or {}
        self.seen: dict[Path, MediaInfo] = {}
        self.damaged = 0
        self.before_make: Callable[[Path, threading.Event], None] = lambda source, cancel: None

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo:  # noqa: ARG002
        return self.seen[path]

    def make(self, task: Task) -> Findings:
        self.before_make(task.source, task.cancel)
        task.target.write_text(f"made of {task.source.name}")
        task.progress(0.5)
        outcome = self.made.get(task.source.name, task.entry.predicted)
        if isinstance(outcome, Exception):
            raise outcome
        self.seen[task.target] = outcome
        return about(damaged(self.damaged), task.entry.label, task.entry.tag)

    def copy(self, task: Task) -> Findings:
        shutil.copyfile(task.source, task.target)
        self.seen[task.target] = task.entry.source
        return about(damaged(self.damaged), task.entry.label, task.entry.tag)

    def sha256(self, path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def output_name(self, tag: str, label: str, container: str) -> str:  # noqa: ARG002
        return f"{tag.removeprefix('@').lower()}-{label}"


def entry_of(tag: str, folder: Path, name: str, info: MediaInfo, *steps: EncodeImage | EncodeVideo) -> PlanEntry:
    (folder / name).write_text(name)
    return PlanEntry(
        tag=tag, reference=Reference(location=str(folder / name)), source=info, steps=steps, predicted=info
    )


class Job:
    """A plan of one copied photo, one made photo and one made clip, and a bench to carry it out on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        entries = (
            entry_of("@Image1", folder, "kept.jpg", PHOTO),
            entry_of("@Image2", folder, "made.jpg", PHOTO, JPEG),
            entry_of("@Video1", folder, "clip.mp4", CLIP, H264),
        )
        self.plan = Plan(endpoint=DEFAULT_ENDPOINT, entries=entries)
        self.sources = [Path(entry.reference.location) for entry in entries]
        self.out = folder.parent / "out"
        self.bench = Bench()
        self.events: list[Progress] = []
        self.cancel = threading.Event()

    def made(self) -> Made:
        with (
            claimed(self.out),
            open_context(SPEC, Access(None), progress=self.events.append, cancel=self.cancel) as ctx,
        ):
            sources = [
                Source(tag=entry.tag, reference=Reference(location=str(path)), info=entry.source, stamp=stamp(path))
                for entry, path in zip(self.plan.entries, self.sources, strict=True)
            ]
            return execute(self.plan, sources, Workplace(self.out, self.bench), ctx, lambda made: made)

    def execute(self) -> list[str]:
        return [entry.output.path for entry in self.made().entries]

    def left(self) -> list[str]:
        return sorted(str(path.relative_to(self.out)) for path in self.out.rglob("*"))
