"""One thing that the platform finds wrong with a request, in the shape in which it says so."""

from typing import Any

from prep.model.limits import Value


class Problem(Value):
    """One entry of ``{"detail": [...]}`` of a 422; *type* is stable, *msg* is not."""

    loc: tuple[str | int, ...]
    type: str
    msg: str
    ctx: dict[str, Any] | None = None

    def as_json(self, body: object) -> dict[str, Any]:
        """With the whole *body* echoed as ``input``, as the platform does."""
        shown = self.model_dump(mode="json", exclude_none=True)
        return {**shown, "url": f"https://docs.fal.ai/errors#{self.type}", "input": body}
