"""Session: everything behind one page, from its start to its end."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prep.execution.cache import Cache
from prep.inputs.access import Access
from prep.inputs.references import Named, read_references
from prep.model.reference import Reference
from prep.stages import open_context
from submit import managing
from submit.review.board import Board
from submit.review.draft import Card, Draft
from submit.review.pictures import Pictures
from submit.review.uploads import Uploads, session_folder
from submit.review.view.page import page_data
from submit.review.view.price import price_data
from submit.review.view.work import jobs_data, work_data
from submit.review.work import Places, Work

MOST_JOBS = 8


@dataclass(frozen=True)
class Session:
    """*sandbox*: jobs go to the local stand-in and cost nothing."""

    board: Board
    work: Work
    uploads: Uploads
    pictures: Pictures
    places: Places
    sandbox: bool

    @property
    def ended(self) -> bool:
        return self.board.ctx.cancel.is_set()

    def end(self) -> None:
        """Stop what is made for the page; its stream of events ends."""
        self.board.ctx.cancel.set()

    def data(self) -> dict[str, Any]:
        """Everything that the page shows."""
        position = self.board.position()
        jobs = managing.jobs(state=self.places.state)[:MOST_JOBS]
        data = page_data(position, self.places, sandbox=self.sandbox) | {
            "price": price_data(position, self.work, self.places.spec, sandbox=self.sandbox),
            "work": work_data(self.work, position),
            "jobs": jobs_data(jobs, self.work),
        }
        return dict(self.uploads.by_name(data))


@contextmanager
def open_session(
    references: Sequence[str | Reference], draft: Draft, places: Places, *, sandbox: bool, root: Path | None = None
) -> Iterator[Session]:
    """Open a session about *references* for the length of the block.

    Prompt, parameters and options are those of *draft*. *root* is the folder for uploads and pictures of all sessions
    (None: the default). Raises UsageError for a reference that is not understood.
    """
    named = read_references(references) if references else Named([])
    with ExitStack() as stack:
        folder = stack.enter_context(session_folder(root))
        ctx = stack.enter_context(open_context(places.spec, Access(places.network, cache=Cache())))
        cards = tuple(new_card(reference) for reference in named.references)
        board = Board(ctx, draft._replace(cards=cards, notes=named.notes))
        work = Work(places, board.touch)
        stack.callback(work.close)
        stack.enter_context(board.looking())
        yield Session(board, work, Uploads(folder), Pictures(folder), places, sandbox)


def new_card(reference: Reference, *, uploaded: bool = False) -> Card:
    """A card with an id that nothing else has."""
    return Card(id=secrets.token_hex(6), reference=reference, uploaded=uploaded)
