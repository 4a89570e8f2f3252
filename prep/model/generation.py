"""What to generate, beside the references."""

from prep.model.limits import Value


class Generation(Value):
    """None: the endpoint's default. *duration* is "auto" or whole seconds as a string, as the endpoint wants it."""

    resolution: str | None = None
    duration: str | None = None
    aspect_ratio: str | None = None
    generate_audio: bool = True
    seed: int | None = None
    end_user_id: str | None = None
