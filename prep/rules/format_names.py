"""Names of containers and codecs as people write them; the probe's own are lower-case codes."""

import re

NAMES = {
    "adpcm_ima_wav": "IMA ADPCM",
    "adpcm_ms": "Microsoft ADPCM",
    "ac3": "AC-3",
    "amr_nb": "AMR-NB",
    "amr_wb": "AMR-WB",
    "eac3": "E-AC-3",
    "h264": "H.264",
    "h263": "H.263",
    "jp2": "JPEG 2000",
    "jxl": "JPEG XL",
    "matroska": "Matroska",
    "mjpeg": "Motion JPEG",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4 Part 2",
    "mpegts": "MPEG-TS",
    "mpegvideo": "MPEG video without a container",
    "ogg": "Ogg",
    "opus": "Opus",
    "pcm_alaw": "A-law",
    "pcm_mulaw": "µ-law",
    "prores": "ProRes",
    "theora": "Theora",
    "vorbis": "Vorbis",
    "webm": "WebM",
    "webp": "WebP",
}
PCM = re.compile(r"pcm_(?P<kind>[suf])(?P<bits>\d+)(?:le|be)?(?:_planar)?")


def format_name(code: str) -> str:
    """The written name of a *code*: "H.264" for "h264", "16-bit PCM" for "pcm_s16le", "MP4" for "mp4"."""
    if pcm := PCM.fullmatch(code):
        return f"{pcm['bits']}-bit {'float ' if pcm['kind'] == 'f' else ''}PCM"
    return NAMES.get(code, code.upper())
