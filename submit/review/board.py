"""Board: the one draft of a session, changed by the page and looked into by a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from prep.errors import Cancelled, PrepError
from prep.flag_names import in_flags
from prep.inputs.resolve import resolve
from prep.log import get_logger
from prep.model.context import Context
from prep.people import with_people
from prep.stages import plan_sources
from prep.threads import each
from submit.review.draft import Card, Draft
from submit.review.judgement import Judgement, PlanKey, Settled, judge, options_of, plan_key

logger = get_logger(__name__)
Change = Callable[[Draft], Draft]
CALM_S = 0.25  # a plan is looked into once the page has been still for so long


class Position(NamedTuple):
    """The state of a board at one moment. *settled*: the plan is final; *trouble*: why it can't become so.

    *key* is that of the plan.
    """

    revision: int
    key: PlanKey
    draft: Draft
    judgement: Judgement
    settled: bool
    trouble: str


class Board:
    """The draft of one session. Every method may be called from any thread."""

    def __init__(self, ctx: Context, draft: Draft) -> None:
        self._ctx = ctx
        self._lock = threading.RLock()
        self._draft = draft
        self._judgement = judge(draft, ctx)
        self._settled: Settled | None = None
        self._trouble: tuple[object, str] | None = None
        self._revision = 1
        self._wake, self._stop, self._outdated = threading.Event(), threading.Event(), threading.Event()
        self._wake.set()

    @property
    def ctx(self) -> Context:
        """The context of the session, with the options that its draft is planned with."""
        with self._lock:
            return replace(self._ctx, options=options_of(self._draft, self._ctx.spec))

    @property
    def revision(self) -> int:
        return self._revision

    def position(self) -> Position:
        with self._lock:
            key = plan_key(self._draft, self._ctx.spec)
            settled = self._settled is not None and self._settled.key == key
            trouble = self._trouble[1] if self._trouble and self._trouble[0] == key else ""
            return Position(self._revision, key, self._draft, self._judgement, settled, trouble)

    def change(self, change: Change) -> None:
        """Apply *change* to the draft. Raises UsageError, and leaves it as it was, when the result can't be planned."""
        with self._lock:
            draft = change(self._draft)
            same_plan = plan_key(draft, self._ctx.spec) == plan_key(self._draft, self._ctx.spec)
            self._judgement = judge(draft, self._ctx, self._settled)
            self._draft = draft
            self.touch()
            if not same_plan:
                self._outdated.set()
                self._wake.set()

    def touch(self) -> None:
        """Tell the page that something is new."""
        with self._lock:
            self._revision += 1

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Read references and look into plans, in a thread, for the length of the block."""
        thread = threading.Thread(target=self._look, name="review", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._outdated.set()
            self._wake.set()
            thread.join()

    def _look(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._stop.wait(CALM_S if self._settled else 0):
                return
            if self._wake.is_set():
                continue  # it goes on changing
            try:
                self._outdated.clear()
                self._read()
                self._settle()
            except Cancelled:
                self._wake.set()
            except Exception:  # the page stays: it shows the plan that is known
                logger.exception("looking into the plan failed")

    def _read(self) -> None:
        """Open and probe what is new."""
        new = [card for card in self._draft.cards if card.source is None and not card.error]
        ctx = replace(self.ctx, cancel=threading.Event())
        each(lambda card: self._read_one(card, ctx), new, ctx.cancel) if new else None

    def _read_one(self, card: Card, ctx: Context) -> None:
        try:
            inputs = resolve([card.reference], ctx).all_readable()
            card = card._replace(source=inputs.sources[0])
            judge(Draft(cards=(card,)), ctx)  # a part or a crop that it can't have
        except PrepError as error:
            card = card._replace(source=None, error=in_flags(str(error)))
        with self._lock:
            known = {one.id: one for one in self._draft.cards}
            if card.id in known and known[card.id].reference.location == card.reference.location:
                current = card._replace(reference=known[card.id].reference)
                self.change(
                    lambda draft: draft._replace(
                        cards=tuple(current if one.id == card.id else one for one in draft.cards)
                    )
                )

    def _settle(self) -> None:
        """Make the plan final: look at all that it depends on. Raises Cancelled when it is outdated meanwhile."""
        with self._lock:
            draft, key = self._draft, plan_key(self._draft, self._ctx.spec)
            if draft.waiting or not draft.sources or (self._settled and self._settled.key == key):
                return
            ctx = replace(self.ctx, cancel=self._outdated)
        try:
            plan, sources = plan_sources(draft.sources, ctx)
            settled = Settled(key, with_people(plan, sources, ctx), tuple(sources))
        except Cancelled:
            raise
        except PrepError as error:
            with self._lock:
                self._trouble = key, in_flags(str(error))
                self.touch()
            return
        with self._lock:
            if plan_key(self._draft, self._ctx.spec) != key:
                return
            self._settled = settled
            readable = iter(sources)
            cards = tuple(card._replace(source=next(readable)) if card.source else card for card in self._draft.cards)
            self._draft = self._draft._replace(cards=cards)
            self._judgement = judge(self._draft, self._ctx, settled)
            self.touch()
