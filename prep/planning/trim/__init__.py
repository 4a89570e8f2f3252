"""Trims: the seconds of a clip that are kept, and why. Imports model and rules.

`part` has what the user asked for, `budget` how long each may be, `video_window` and `audio_window` where the part
lies, `wanted` what is said where it is another one than was asked for.
"""
