"""Tone mapping from HDR to SDR, the same for videos and for images."""

from typing import Any

# HDR: linear light relative to reference white (BT.2408), then a curve that leaves mid tones alone and bends what is
# brighter, up to the peak that nearly all HDR is graded for, into the rest. Without the peak the curve assumes 10,000
# nits and darkens everything; with desaturation clouds and sunlit walls turn white.
REFERENCE_WHITE_NITS, PEAK_NITS = 203, 1000


def tone_mapped(stream: Any, has_alpha: bool = False, /, **size: Any) -> Any:
    """*stream* in linear light with BT.709's primaries, as bright as SDR; *size* is zscale's, to scale it before."""
    floats = "gbrapf32le" if has_alpha else "gbrpf32le"
    stream = stream.filter("zscale", t="linear", npl=REFERENCE_WHITE_NITS, **size).filter("format", floats)
    stream = stream.filter("zscale", p="bt709")
    return stream.filter("tonemap", "mobius", desat=0, peak=round(PEAK_NITS / REFERENCE_WHITE_NITS, 3))
