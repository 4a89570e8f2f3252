"""Problem: one defect of a request, in the platform's format."""

from typing import Any

from prep.model.value import Value


class Problem(Value):
    """One entry of ``{"detail": [...]}`` of a 422; *type* is stable, *msg* is not."""

    loc: tuple[str | int, ...]
    type: str
    msg: str
    ctx: dict[str, Any] | None = None

    def as_json(self, body: object) -> dict[str, Any]:
        """Echo the whole *body* as ``input``, as the platform does."""
        fields = self.model_dump(mode="json", exclude_none=True)
        return {**fields, "url": f"https://docs.fal.ai/errors#{self.type}", "input": body}
