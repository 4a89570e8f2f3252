"""Colour assumptions for videos without colour tags."""

from prep.model.media import VideoInfo

HD_EDGE = 1280


def guessed_matrix(info: VideoInfo) -> str | None:
    """The matrix by size, as players assume it; a scaler takes BT.601 for everything. None: a tag names it."""
    if info.color_space is not None:
        return None
    return "bt709" if max(info.width, info.height) >= HD_EDGE else "bt601"
