"""Sounds: decoding, encoding, loudness and metadata. Imports media.container, media.ffmpeg and media.io."""
