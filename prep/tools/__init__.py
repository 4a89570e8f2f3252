"""The only code that opens files and runs programs: probing, ffmpeg, Pillow, pydub, hashing."""
