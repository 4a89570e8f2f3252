"""Containers: sniffing, demuxing, timelines, keyframes, and the readers of boxes, chunks and frames."""
