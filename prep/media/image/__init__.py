"""Pictures: decoding, encoding, colour and metadata. Imports media.container, media.ffmpeg and media.io."""
