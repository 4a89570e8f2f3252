"""References that can't be read, and the findings about them."""

from collections.abc import Sequence
from typing import NamedTuple

from prep.errors import PrepError
from prep.model.finding import Finding
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.report import SKIPPED, UNREADABLE
from prep.rules.findings import by_rule

TAGS_SHOWN = 4


class Unreadable(NamedTuple):
    """A reference that can't be read, and why. *tag* is the one it would have by its name; None: the name is no help.

    *renumbers* are the tags of the sources after it that count one less without it, or may.
    """

    reference: Reference
    error: PrepError
    tag: str | None
    renumbers: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return shown(self.reference.display_path)

    def finding(self) -> Finding:
        finding = unreadable_finding(str(self.error), self.path, self.path)
        if self.tag is None or not self.renumbers:
            return finding
        return finding.model_copy(update={"message": f"{finding.message}; it keeps the tag {self.tag}"})

    def skipped(self, renumbered: Sequence[tuple[str, str]] = ()) -> Finding:
        """The finding when the call goes on without it; *renumbered* are the files whose tags change, and the tags."""
        reason = _one_line(str(self.error), self.path)
        if renumbered:
            tags = [f"{label} is {tag}" for label, tag in renumbered[:TAGS_SHOWN]]
            more = ["…"] if len(renumbered) > TAGS_SHOWN else []
            reason = f"{reason}; it gets no tag, so {', '.join([*tags, *more])}"
        return skipped_finding(reason, self.path)


def skipped_finding(reason: str, subject: str | None) -> Finding:
    """Return the warning about *subject*, which can't be read and was left out."""
    return by_rule(SKIPPED, "skipped", "readable", reason).model_copy(update={"subject": subject})


def unreadable_finding(message: str, subject: str | None, place: str) -> Finding:
    """Return the finding for the error *message*, in one line and without the *place* in front."""
    finding = by_rule(UNREADABLE, "unreadable", "readable", _one_line(message, place))
    return finding.model_copy(update={"subject": subject})


def _one_line(message: str, place: str) -> str:
    lines = [line.strip().removeprefix(f"{place}: ") for line in message.split("\n")]
    return "; ".join(lines).replace(":; ", ": ")
