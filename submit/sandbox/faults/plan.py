"""Fault plan: the faults that can be simulated, their notation, and when each one strikes."""

import random
import re
import secrets
from collections.abc import Iterable
from typing import Literal

from prep.errors import UsageError
from prep.model.value import Value

Place = Literal["upload", "submit", "job", "status", "result", "download"]


class Fault(Value):
    """One way in which the platform, or the connection to it, fails. *place* is what it happens to.

    *seconds* is its default length; None: it has none.
    """

    name: str
    place: Place
    does: str
    seconds: float | None = None


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(name="slow-upload", place="upload", seconds=5, does="waits before it accepts the file"),
        Fault(name="5xx-upload", place="upload", does="answers 503; nothing is stored"),
        Fault(name="expired-url", place="upload", seconds=0, does="stores the file, whose URL then answers 404"),
        Fault(name="forbidden-url", place="upload", seconds=0, does="stores the file, whose URL then answers 403"),
        Fault(name="429", place="submit", does="answers 429 with Retry-After; nothing is accepted"),
        Fault(name="5xx-submit", place="submit", does="answers 503; nothing is accepted"),
        Fault(name="5xx-after-accept", place="submit", does="accepts the job, and answers 502 nevertheless"),
        Fault(name="drop-before-accept", place="submit", does="cuts the connection; nothing is accepted"),
        Fault(name="drop-after-accept", place="submit", does="accepts the job, and cuts the connection unanswered"),
        Fault(name="queue", place="job", seconds=30, does="keeps the job in the queue"),
        Fault(name="policy-refusal", place="job", does="ends the job with content_policy_violation, not billed"),
        Fault(name="lost-result", place="job", does="does the job and bills it; its result answers 404"),
        Fault(name="5xx-status", place="status", does="answers 503"),
        Fault(name="5xx-result", place="result", does="answers 503; the result is still there"),
        Fault(name="partial-download", place="download", does="cuts the connection after half of the file"),
        Fault(name="wrong-length", place="download", does="announces and sends half of the file, as if it were all"),
    )
}


class Planned(Value):
    """A fault and when it strikes: the next *times* times, or each time with the probability *chance*."""

    fault: Fault
    times: int | None
    chance: float | None
    seconds: float

    def __str__(self) -> str:
        parts = [self.fault.name, f"{self.times}" if self.chance is None else f"{self.chance * 100:g}%"]
        return ":".join([*parts, *([f"{self.seconds:g}s"] if self.fault.seconds is not None else [])])


class FaultPlan(Value):
    """All planned faults. str() is the notation that repeats them, with the *seed* of their chances."""

    planned: tuple[Planned, ...] = ()
    seed: int = 0

    def __str__(self) -> str:
        by_chance = any(item.chance is not None for item in self.planned)
        return ",".join([*map(str, self.planned), *([f"seed:{self.seed}"] if by_chance else [])])


class Strike(Value):
    """A fault that struck; *seconds* is its length."""

    fault: str
    place: Place
    seconds: float


def parse_faults(text: str) -> FaultPlan:
    """Parse NAME[:TIMES|:CHANCE%][:SECONDSs],... as in "429:3,5xx-status:20%,queue:10s,seed:7".

    A fault strikes once by default; without a seed one is chosen. Raises UsageError naming what can't be parsed.
    """
    planned: dict[str, Planned] = {}
    seed: int | None = None
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, *details = item.split(":")
        if name == "seed":
            if seed is not None or len(details) != 1 or not re.fullmatch(r"\d{1,18}", details[0], re.ASCII):
                raise UsageError(f"fault {item!r}: give one seed, written like seed:7")
            seed = int(details[0])
        elif name not in FAULTS:
            raise UsageError(f"no fault {name!r}; choose from {', '.join(FAULTS)}")
        elif name in planned:
            raise UsageError(f"fault {item!r}: {name} appears twice")
        else:
            planned[name] = _planned(item, FAULTS[name], details)
    return FaultPlan(planned=tuple(planned.values()), seed=secrets.randbelow(1_000_000) if seed is None else seed)


def _planned(item: str, fault: Fault, details: Iterable[str]) -> Planned:
    times: int | None = None
    chance: float | None = None
    seconds: float | None = None
    for detail in details:
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(%|s|)", detail, re.ASCII)
        number, unit = (float(match[1]), match[2]) if match else (0.0, None)
        if unit == "s" and seconds is None and fault.seconds is not None:
            seconds = number
        elif unit == "%" and times is chance is None and 0 < number <= 100:
            chance = number / 100
        elif unit == "" and times is chance is None and number >= 1 and number.is_integer():
            times = int(number)
        else:
            takes = "3 (times) or 20% (a chance)" + (" and 5s (how long)" if fault.seconds is not None else "")
            raise UsageError(f"fault {item!r}: can't parse {detail!r}; {fault.name} takes {takes}, once each")
    if chance is None:
        times = times or 1
    return Planned(fault=fault, times=times, chance=chance, seconds=fault.seconds or 0 if seconds is None else seconds)


class Faults:
    """Decides, each time that something could fail, whether it does. The same plan decides the same way again.

    Each fault has its own counter and its own random numbers, independent of all others.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self._left = {item.fault.name: item.times for item in plan.planned}
        self._random = {item.fault.name: random.Random(f"{plan.seed}:{item.fault.name}") for item in plan.planned}
        self._planned = plan.planned
        self._struck: list[Strike] = []

    @property
    def struck(self) -> tuple[Strike, ...]:
        """The faults that have struck so far, oldest first."""
        return tuple(self._struck)

    def strike(self, place: Place, *, only: str | None = None) -> Strike | None:
        """Return the fault that strikes *place* now: the first one whose turn it is; *only* restricts it to one."""
        for item in self._planned:
            name = item.fault.name
            if item.fault.place == place and only in (None, name) and self._turn(item):
                strike = Strike(fault=name, place=place, seconds=item.seconds)
                self._struck.append(strike)
                return strike
        return None

    def _turn(self, item: Planned) -> bool:
        name, left = item.fault.name, self._left[item.fault.name]
        if item.chance is not None:
            return self._random[name].random() < item.chance
        if not left:
            return False
        self._left[name] = left - 1
        return True
