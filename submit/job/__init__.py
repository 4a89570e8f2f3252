"""The life of one job, from its entry in the journal to the video. `next_step`, to read first, decides each step of it.

Imports the journal, the platform port and request.
"""
