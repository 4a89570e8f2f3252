"""What to generate, beside the references."""

from typing import Annotated

from pydantic import BeforeValidator

from prep.model.input import Given

# Documents say 8 as well as "8".
Seconds = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class Generation(Given):
    """None: the endpoint's default. *duration* is "auto" or whole seconds as a string, as the endpoint wants it."""

    resolution: str | None = None
    duration: Seconds | None = None
    aspect_ratio: str | None = None
    generate_audio: bool = True
    seed: int | None = None
    end_user_id: str | None = None
