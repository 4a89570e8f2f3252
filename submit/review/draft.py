"""The draft of a job, and the changes that a page makes to it. Pure: a change returns another draft."""

from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from prep.errors import UsageError
from prep.inputs.parse import is_time, parse_part
from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.media import MediaInfo, VideoInfo, exact_rate
from prep.model.plan import Options
from prep.model.reference import Crop, Part, Reference, tags_for
from prep.model.source import Source
from prep.rules.prompt import TAG, mentionable, mentions

LONGEST_PROMPT = 20_000


class Card(NamedTuple):
    """One reference. *source* None: it is being read, or it can't be read, which *error* says.

    *uploaded*: the page brought the file, which lies in the session's own folder.
    """

    id: str
    reference: Reference
    source: Source | None = None
    error: str = ""
    uploaded: bool = False


class Draft(NamedTuple):
    """Everything that a page decides. *cards* are in the order in which tags count.

    *notes* are findings about folders, of which not every file became a card.
    """

    cards: tuple[Card, ...] = ()
    prompt: str = ""
    generation: Generation = Generation()
    options: Options = Options()
    notes: tuple[Finding, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that can be read, with their tags."""
        readable = [card for card in self.cards if card.source]
        tags = tags_for(card.source.info.kind for card in readable if card.source)
        return tuple(
            card.source.model_copy(update={"tag": tag, "reference": card.reference})
            for card, tag in zip(readable, tags, strict=True)
            if card.source
        )

    @property
    def tags(self) -> dict[str, str]:
        """The tag of each card that can be read, by its id."""
        ids = [card.id for card in self.cards if card.source]
        return {card: source.tag for card, source in zip(ids, self.sources, strict=True)}

    @property
    def names(self) -> dict[str, str | None]:
        """The user's name, if any, for each tag."""
        return {source.tag: source.reference.name for source in self.sources}

    @property
    def waiting(self) -> bool:
        """Whether a reference is still being read."""
        return any(card.source is None and not card.error for card in self.cards)

    def card(self, card_id: str) -> Card:
        """Raises UsageError when there is no such card."""
        found = next((card for card in self.cards if card.id == card_id), None)
        if found is None:
            raise UsageError("this reference is not on the page any more")
        return found


def with_card(draft: Draft, card: Card) -> Draft:
    """*draft* with *card* in the place of the one of the same id; tags of the prompt follow their references."""
    draft.card(card.id)
    return _following(draft, draft._replace(cards=tuple(card if one.id == card.id else one for one in draft.cards)))


def added(draft: Draft, cards: tuple[Card, ...]) -> Draft:
    return draft._replace(cards=(*draft.cards, *cards))


def removed(draft: Draft, card_id: str) -> Draft:
    """*draft* without a card; what the prompt calls it becomes a name that the lint complains about."""
    draft.card(card_id)
    return _following(draft, draft._replace(cards=tuple(card for card in draft.cards if card.id != card_id)))


def moved(draft: Draft, card_id: str, place: int) -> Draft:
    """*draft* with a card at *place*, counted from 0."""
    card = draft.card(card_id)
    others = [one for one in draft.cards if one.id != card_id]
    others.insert(max(0, min(place, len(others))), card)
    return _following(draft, draft._replace(cards=tuple(others)))


def renamed(draft: Draft, card_id: str, name: str) -> Draft:
    """*draft* with another name for a card, in the prompt as well; an empty one takes the name away.

    Raises UsageError for a name that is taken or not allowed.
    """
    card, name = draft.card(card_id), name.strip().removeprefix("@")
    taken = [one for one in draft.cards if one.id != card_id and (one.reference.name or "").lower() == name.lower()]
    if name and taken:
        raise UsageError(f"@{name} is the name of {taken[0].reference.label} already; names must differ")
    return with_card(draft, card._replace(reference=_changed(card.reference, name=name or None)))


def trimmed(draft: Draft, card_id: str, start: str, end: str) -> Draft:
    """*draft* with a part of a clip as typed, in seconds or as [hh:]mm:ss; both empty: the best part is chosen."""
    card = draft.card(card_id)
    part: Part | None = None
    _refuse_no_time(start, end)
    if start.strip() or end.strip():
        part = parse_part(f"{start.strip()},{end.strip()}".rstrip(","), card.reference.label)
        part = _on_frames(part, card.source.info) if card.source else part
    return with_card(draft, card._replace(reference=_changed(card.reference, part=part)))


def in_order(start: str, end: str, last: str, length_s: float) -> tuple[str, str]:
    """The times of a part as typed; where the *last* typed passes the other, that one goes along, *length_s* apart."""
    _refuse_no_time(start, end)
    if not start.strip() or not end.strip():
        return start, end
    start_s, end_s = parse_part(start, start).start_s, parse_part(f"0,{end}", end).end_s
    if end_s is None or start_s < end_s:
        return start, end
    if last == "start":
        return start, f"{start_s + length_s:.6f}"
    return f"{max(0.0, end_s - length_s):.6f}", end


def _refuse_no_time(start: str, end: str) -> None:
    for field, text in (("Start", start.strip()), ("End", end.strip())):
        if text and not is_time(text):
            raise UsageError(f"{field}: {text!r} is not a time; write seconds (62.5) or minutes and seconds (1:02.5)")


def _on_frames(part: Part, info: MediaInfo) -> Part:
    """*part* with its ends on the nearest frames; in milliseconds that leave no frame out, so that it can be typed."""
    if not isinstance(info, VideoInfo) or info.vfr or not info.fps:
        return part
    rate = exact_rate(info.fps)
    start_s = floor(round(Fraction(part.start_s) * rate) / rate * 1000) / 1000
    end_s = None if part.end_s is None else ceil(round(Fraction(part.end_s) * rate) / rate * 1000) / 1000
    return Part(start_s=start_s, end_s=end_s)


def cropped(draft: Draft, card_id: str, sides: tuple[float, float, float, float] | None) -> Draft:
    """*draft* with a crop: left, top, width and height in percent of the picture; None: the whole picture."""
    card = draft.card(card_id)
    crop = None
    if sides is not None:
        x, y, width, height = (round(side, 3) for side in sides)
        crop = Crop(unit="percent", x=x, y=y, width=min(width, 100 - x), height=min(height, 100 - y))
    return with_card(draft, card._replace(reference=_changed(card.reference, crop=crop)))


def tracked(draft: Draft, card_id: str, track: str | None) -> Draft:
    """*draft* with another track of a file: "audio" of a video, "video" of an animation; it is read again."""
    card = draft.card(card_id)
    reference = _changed(card.reference, track=track or None, part=None, crop=None)
    return with_card(draft, card._replace(reference=reference, source=None, error=""))


def _changed(reference: Reference, **fields: Any) -> Reference:
    """*reference* with other *fields*, which are validated."""
    return Reference(**{name: fields.get(name, getattr(reference, name)) for name in Reference.model_fields})


def _following(before: Draft, after: Draft) -> Draft:
    """*after*, whose prompt names the same references as that of *before*.

    Where a reference is gone its tag may belong to another one now: it becomes a name that nothing has.
    """
    prompt, known = before.prompt, mentionable(before.names)
    if not prompt:
        return after
    ids = {tag: card for card, tag in before.tags.items()}
    names = {card.id: card.reference.name for card in after.cards}
    pieces, end = list[str](), 0
    for match, word, tag in mentions(prompt, known):
        if tag is None:
            continue
        card = ids[tag]
        pieces += [
            prompt[end : match.start()],
            _called(word, names.get(card), after.tags.get(card), gone=card not in names),
        ]
        end = match.start() + 1 + len(word)
    return after._replace(prompt="".join([*pieces, prompt[end:]]))


def _called(word: str, name: str | None, tag: str | None, *, gone: bool) -> str:
    """What the prompt calls a reference that it called @*word* before."""
    if gone:
        return f"@removed_{word}"
    if TAG.fullmatch(word):
        return tag or f"@{word}"
    return f"@{name}" if name else tag or f"@{word}"
