"""The parameters of a generation, beside its references and its prompt."""

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ConfigDict

from prep.model.value import Given

Setting = str | int | float | bool


def _as_seconds(value: Any) -> Any:
    """Documents and callers say 8 as well as "8"; a length that is no whole number stays as it is, and is refused."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return str(int(value)) if isfinite(value) and value == int(value) else str(value)


class Generation(Given):
    """What to ask of the endpoint; None: not asked, so that the endpoint's default holds.

    *duration* is "auto" or whole seconds. Any other parameter that the endpoint has (`prep-and-submit limits` lists
    them) is given by its name: `Generation(duration=5, bitrate_mode="high")`. Names and values are compared with the
    endpoint's when a price is asked or a job is sent.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    resolution: str | None = None
    duration: Annotated[str | None, BeforeValidator(_as_seconds, json_schema_input_type=str | float | None)] = None
    aspect_ratio: str | None = None
    generate_audio: bool | None = None
    seed: int | None = None
    end_user_id: str | None = None

    if TYPE_CHECKING:

        def __init__(  # noqa: PLR0913 - what callers may write
            self,
            *,
            resolution: str | None = None,
            duration: str | float | Decimal | None = None,
            aspect_ratio: str | None = None,
            generate_audio: bool | None = None,
            seed: int | None = None,
            end_user_id: str | None = None,
            **others: Setting | None,
        ) -> None: ...

    @property
    def fixed_s(self) -> int | None:
        """The seconds that were asked for; None: the model chooses."""
        return int(self.duration) if self.duration and self.duration.isdigit() else None

    def asked(self) -> dict[str, Any]:
        """The parameters that were asked for, by name."""
        return {name: value for name, value in self if value is not None}
