"""A rule: the stable name of something a reference, the set or the prompt can break."""

from typing import Literal

from prep.model.finding import Severity
from prep.model.limits import Basis, Value


class Rule(Value):
    """*subject* is what the rule measures, in words. *fix* is what prep does about it; where that is None, *remedy*
    says what the user can do. Both name an option as `fit=crop`: findings travel, and who reads them may have typed a
    command, written a job file, or called the library.

    *severity* and *basis* are the rule's own; the limit that a file breaks may name another basis, and a value that
    was seen accepted is only a warning. *fal_error* is the documented error type that the rule forestalls, or, of a
    refusal, the one that it tells. *mended* marks advice that prep acts on, because what the endpoint would see is not
    certain otherwise.
    """

    name: str
    about: Literal["image", "video", "audio", "set", "prompt", "request", "input", "refusal"]
    severity: Severity
    basis: Basis
    subject: str
    meaning: str
    why: str
    fix: str | None = None
    remedy: str | None = None
    example: str
    fal_error: str | None = None
    mended: bool = False
