"""Messages about a sandbox when it starts and when it ends."""

from collections import Counter

from submit.sandbox.faults.plan import FaultPlan
from submit.sandbox.server import Sandbox


def start_text(plan: FaultPlan) -> str:
    """The plan in the notation that repeats it, with the chosen seed."""
    return f"sandbox: faults {plan}"


def end_text(box: Sandbox) -> str:
    struck = Counter(strike.fault for strike in box.struck())
    faults = ", ".join(f"{name} ({times} time{'' if times == 1 else 's'})" for name, times in struck.items())
    return "\n".join([f"sandbox: {box.totals()}", *([f"sandbox: faults simulated: {faults}"] if faults else [])])
