"""Clips: encoding and colour. Imports media.container, media.ffmpeg and media.io."""
