"""The ffmpeg program: which binary runs, its command lines, its processes, shared filters."""
