"""Changes of channels and sampling rate, in words for the note of the step that makes them."""

WORDS = {1: "mono", 2: "stereo"}


def sound_changes(channels: tuple[int, int], rate_hz: tuple[int, int]) -> list[str]:
    """The changes from the first to the second of *channels*, and of *rate_hz*; empty where both are kept."""
    mixed = [f"{channels[0]} channels mixed to {WORDS[channels[1]]}"] if channels[0] != channels[1] else []
    resampled = (
        [f"{rate_hz[0] / 1000:g} kHz resampled to {rate_hz[1] / 1000:g} kHz"] if rate_hz[0] != rate_hz[1] else []
    )
    return mixed + resampled
