"""Allowance: what may be spent without a question while a server runs, counted at the upper end of each price."""

import threading
from decimal import Decimal

from prep.pricing.cost import Cost


class Allowance:
    """*total_usd* 0: nothing. Every method may be called from any thread."""

    def __init__(self, total_usd: Decimal = Decimal(0)) -> None:
        self._total = total_usd
        self._reserved: dict[object, Decimal] = {}
        self._lock = threading.Lock()

    @property
    def left_usd(self) -> Decimal:
        with self._lock:
            return self._total - sum(self._reserved.values())

    def reserve(self, call: object, cost: Cost | None) -> bool:
        """Set *cost* aside for *call*, in the place of what was set aside for it; False: there is not enough left."""
        if cost is None:
            return False
        with self._lock:
            others = sum(usd for other, usd in self._reserved.items() if other is not call)
            if others + cost.max_usd > self._total:
                return False
            self._reserved[call] = cost.max_usd
            return True

    def release(self, call: object) -> None:
        """Give back what was set aside for *call*: it was certainly not sent."""
        with self._lock:
            self._reserved.pop(call, None)
