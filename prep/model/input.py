"""Base of the values that callers write themselves."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from prep.errors import UsageError
from prep.model.value import Value
from prep.validation import lines


class Given(Value):
    """Raises UsageError when made with wrong values, as every wrong call does, not the validation library's error."""

    if not TYPE_CHECKING:  # checkers know the fields; a signature of its own would hide them

        def __init__(self, *unnamed: Any, **fields: Any) -> None:
            kind = type(self)
            if unnamed:
                raise UsageError(f"{kind.__name__} takes named values only: {', '.join(kind.model_fields)}")
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise UsageError("\n".join(lines(error, kind))) from None

        # Inside a document the library validates it without __init__, so that all complaints come with their keys.
        __init__.__pydantic_base_init__ = True
