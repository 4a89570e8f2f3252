"""The answer of a check: what the references are, and every finding about them."""

from prep.model.finding import Finding, errors_in
from prep.model.limits import Value
from prep.model.manifest import Totals
from prep.model.media import MediaInfo
from prep.model.reference import Reference


class Checked(Value):
    """One reference, its tag and what was probed from it."""

    tag: str
    reference: Reference
    info: MediaInfo


class Report(Value):
    """*totals* are those of the files as they are; *findings* stand in the order of the references, the set's last."""

    endpoint: str
    references: tuple[Checked, ...]
    totals: Totals
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the endpoint would take all of it as it is."""
        return not errors_in(self.findings)
