"""The answer of a check: what the references are, and every finding about them."""

from pydantic import field_serializer

from prep.model.finding import Finding, errors_in
from prep.model.manifest import Totals
from prep.model.media import MediaInfo
from prep.model.plan import Step
from prep.model.reference import Reference
from prep.model.value import Printable, Value

UNREADABLE, SKIPPED = "input-unreadable", "input-skipped"


class Checked(Value):
    """One reference, its tag and what was probed from it. *tag* empty: it was judged by itself, not as one of a set."""

    tag: str
    reference: Reference
    info: MediaInfo

    @field_serializer("reference")
    def _as_told(self, reference: Reference) -> Reference:
        """In JSON without the query of a URL: a report is for reading, nothing is carried out from it."""
        return reference.model_copy(update={"location": reference.display_path})


class Fix(Value):
    """What would make one reference comply. *unsafe* are the kinds of those *steps* that choose what is seen or heard.

    *made* is the file that was made, None: none was.
    """

    tag: str | None
    path: str
    steps: tuple[Step, ...]
    unsafe: tuple[str, ...] = ()
    made: str | None = None


class Report(Printable):
    """*totals* are those of the whole files, *used* those of the parts that were asked for (None: of whole files).

    *findings* are in the order of the references, those about the set last.
    *origin* is where the set was written down ("jobs.jsonl:3"), or the file that was judged by itself; empty: the
    references were named in the call. *deselected* counts findings that were not asked for.
    """

    endpoint: str
    references: tuple[Checked, ...]
    totals: Totals
    used: Totals | None = None
    findings: tuple[Finding, ...]
    origin: str = ""
    deselected: int = 0
    fixes: tuple[Fix, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the endpoint would take all of it as it is."""
        return not errors_in(self.findings)

    @property
    def readable(self) -> bool:
        """Whether every reference could be read."""
        return not any(finding.rule == UNREADABLE for finding in self.findings)

    def place_of(self, finding: Finding) -> tuple[str, int] | None:
        """The file that *finding* is about, and a line in it: the job's where it is about the set of a job.

        None: it is about references that the call named. Media have no lines; theirs is the first. The path may hold
        bytes that are not UTF-8, as surrogate escapes.
        """
        if finding.subject is not None:
            paths = (
                item.reference.public_location
                for item in self.references
                if (item.tag and item.tag == finding.tag) or item.reference.display_path == finding.subject
            )
            return next(paths, finding.subject), 1
        place, _, line = self.origin.rpartition(":")
        if place and line.isdigit():
            return place, int(line)
        return (self.origin, 1) if self.origin else None
