"""Colour assumptions for videos without colour tags."""

from prep.model.media import VideoInfo

HD_EDGE = 1280


def guessed_matrix(info: VideoInfo) -> str | None:
    """Without tags the matrix goes by size, as players do; a scaler takes BT.601 for everything. None: it is told."""
    if info.color_space is not None:
        return None
    return "bt709" if max(info.width, info.height) >= HD_EDGE else "bt601"
