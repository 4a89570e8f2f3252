"""What a refusal means for the money: whether it was billed, and whether the same again can help."""

from collections.abc import Iterable

from prep.model.limits import Value
from prep.rules.catalogue.refusal import DOCUMENTED, Billed, billed

NEVER_AGAIN = "content_policy_violation"
NOT_LET_IN = (401, 402, 403, 429)


class Verdict(Value):
    """*billed* "unknown" is all that can be said: the platform charges some refusals that it found after the work had
    begun. *again*: the very same request may succeed.
    """

    billed: Billed
    again: bool

    def __str__(self) -> str:
        cost = "it is not billed" if self.billed == "no" else "whether it is billed is not known from here"
        return f"{cost}; {'the same again may succeed' if self.again else 'the same again would be refused'}"


def verdict_of(status: int, types: Iterable[str], *, taken: bool = True, retryable: bool | None = None) -> Verdict:
    """*types* are those that the platform names, *taken* is False when the submit itself was refused, *retryable* what
    its header says (X-Fal-Needs-Retry, formerly X-Fal-Retryable). A breach of the content policy is never sent again.
    """
    types = tuple(types)
    known = [DOCUMENTED[name].again for name in types if name in DOCUMENTED]
    if NEVER_AGAIN in types:
        again = False
    elif retryable is not None:
        again = retryable
    elif known and len(known) == len(types):
        again = all(known)
    else:
        again = status == 429 or status >= 500
    cost: Billed = "no" if not taken or status in NOT_LET_IN else billed(status)
    return Verdict(billed=cost, again=again)
