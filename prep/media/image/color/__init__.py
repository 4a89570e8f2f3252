"""Colours of pictures, brought to sRGB. Imports media.container, media.ffmpeg and media.io."""
