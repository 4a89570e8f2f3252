"""A reference that was opened and probed."""

from prep.model.analysis import Look, Scan
from prep.model.limits import Value
from prep.model.media import MediaInfo
from prep.model.reference import Reference


class Source(Value):
    """One reference, what was probed from it, and what was seen in it where a part has to be chosen.

    *url* is where anybody can read it; None: nowhere.
    """

    tag: str
    reference: Reference
    info: MediaInfo
    scan: Scan = Scan()
    look: Look = Look()
    fingerprint: str = ""
    url: str | None = None

    @property
    def label(self) -> str:
        return self.reference.label
