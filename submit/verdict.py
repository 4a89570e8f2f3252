"""Verdict on a refusal: whether it was billed, and whether another attempt can help."""

from collections.abc import Iterable

from prep.model.value import Value
from prep.rules.catalogue.refusal import DOCUMENTED, Billed, billed

NEVER_AGAIN = "content_policy_violation"
NOT_LET_IN = (401, 402, 403, 429)


class Verdict(Value):
    """*billed* is "unknown" where the platform may have started work before it refused, which it charges for.

    *again*: the same request may succeed.
    """

    billed: Billed
    again: bool

    def __str__(self) -> str:
        bill = "not billed" if self.billed == "no" else "it may be billed"
        return f"{bill}; {'another attempt may succeed' if self.again else 'another attempt would be refused too'}"


def verdict_of(status: int, types: Iterable[str], *, taken: bool = True, retryable: bool | None = None) -> Verdict:
    """Judge a refusal by its *status* and error *types*.

    *taken* is False when the submission itself was refused, *retryable* what the header X-Fal-Needs-Retry (formerly
    X-Fal-Retryable) says. A breach of the content policy is never worth another attempt.
    """
    types = tuple(types)
    documented = [DOCUMENTED[name].again for name in types if name in DOCUMENTED]
    if NEVER_AGAIN in types:
        again = False
    elif retryable is not None:
        again = retryable
    elif documented and len(documented) == len(types):
        again = all(documented)
    else:
        again = status == 429 or status >= 500
    bill: Billed = "no" if not taken or status in NOT_LET_IN else billed(status)
    return Verdict(billed=bill, again=again)
