"""Tries whether a source decodes, to tell damaged media from a bug of ours."""

import ffmpeg as graphs

from prep.errors import ToolError
from prep.media.ffmpeg.run import open_input, run_graph
from prep.media.task import Task
from prep.model.plan import Trim, find


def decodes(task: Task) -> bool:
    """Decode the wanted part of a clip or sound and drop it. A picture's own decoder has told by then: True."""
    if task.entry.source.kind == "image":
        return True
    trim = find(task.entry.steps, Trim)
    part = {"ss": f"{trim.start_s:.6f}", "t": f"{trim.duration_s:.6f}"} if trim else {}
    source = open_input(task.source, task.demuxer, **part)
    try:
        seconds = trim.duration_s if trim else getattr(task.entry.source, "duration_s", 0.0)
        return run_graph(graphs.output(source, "-", f="null"), seconds, cancel=task.cancel) == 0
    except ToolError:
        return False
