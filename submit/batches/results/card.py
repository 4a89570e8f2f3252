"""Card of a row: what the page shows of it beside its result, kept in its folder since the page is made again."""

import threading
from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.log import get_logger
from prep.media.io.files import write_whole
from prep.media.io.text_file import read_bytes
from prep.media.isolation.pool import isolation_of
from prep.media.preview import glimpse
from prep.model.context import Where
from prep.model.manifest import Manifest
from prep.model.preview import Preview, Thumbnail
from prep.model.value import Value
from prep.render.steps import describe_step
from submit.batches.results.folder import CARD

MOST_BYTES = 1_000_000
# With these bounds a page of 1,000 rows is some 10 MB.
FRAME_EDGE, FRAME_BYTES = 320, 9_000
REFERENCE_EDGE, REFERENCE_BYTES = 96, 2_500

logger = get_logger(__name__)


class CardReference(Value):
    """One reference: its tag and name, its *picture* (a sound has none), and the *changes* that were made to it."""

    tag: str
    name: str
    picture: Thumbnail | None
    changes: tuple[str, ...]


class Card(Value):
    """*frame* is the first one of the video, None while there is no video."""

    prompt: str
    frame: Thumbnail | None
    references: tuple[CardReference, ...]


def write_card(folder: Path, prompt: str, manifest: Manifest, video: Path | None, isolation: Where) -> None:
    """Write the card of the row in *folder*. What can't be shown, or written, is left out: the row has ended anyhow."""
    references = tuple(
        CardReference(
            tag=entry.tag,
            name=entry.name or Path(entry.source.path).name,
            picture=_picture(folder / entry.output.path, REFERENCE_EDGE, REFERENCE_BYTES, isolation)
            if entry.output.path and entry.kind != "audio"
            else None,
            changes=tuple(describe_step(step) for step in entry.steps),
        )
        for entry in manifest.entries
    )
    frame = _picture(video, FRAME_EDGE, FRAME_BYTES, isolation) if video else None
    card = Card(prompt=prompt, frame=frame, references=references)
    try:
        write_whole(folder / CARD, card.model_dump_json() + "\n")
    except OSError:
        logger.info("no card", exc_info=True)


def read_card(folder: Path) -> Card | None:
    """Read the card of the row in *folder*; None: there is none that can be read."""
    try:
        return Card.model_validate_json(read_bytes(folder / CARD, MOST_BYTES))
    except (UsageError, ValidationError):
        return None


def _picture(path: Path, edge: int, max_bytes: int, isolation: Where) -> Thumbnail | None:
    try:
        opened = isolation_of(isolation)
        preview: Preview = opened.call(glimpse, path, edge, max_bytes, label=path.name, cancel=threading.Event())
    except Exception:  # a page without this picture is better than none
        logger.info("no picture", exc_info=True)
        return None
    return preview.picture
