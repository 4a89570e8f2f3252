"""The rules for one sound."""

import re

from prep.model.limits import AudioLimits
from prep.model.media import AudioInfo
from prep.rules.amounts import amount
from prep.rules.findings import Findings, advice, at_least, at_most, one_of
from prep.rules.private import check_private
from prep.rules.tracks import changed, misleading, truncated

# Plain samples, as opposed to A-law and the like.
PLAIN = re.compile(r"pcm_[suf]\d+(le|be)?")
VERY_LOW_BPS = 32_000


def check_audio(info: AudioInfo, limits: AudioLimits) -> Findings:
    """Every finding about one sound, in a fixed order. What holds over all sounds together is `check_set`'s."""
    return (
        *one_of("audio-format-unsupported", info.container, limits.containers),
        *_wav_codec(info, limits),
        *at_most("audio-file-too-large", info.bytes, limits.max_bytes, "bytes"),
        *at_least("audio-too-short", info.duration_s, limits.min_duration_s, "s"),
        *at_most("audio-too-long", info.duration_s, limits.max_duration_s, "s"),
        *truncated(info),
        *(() if info.truncated else misleading("audio-length-misleading", info.duration_s, info.claimed_s, "header")),
        *changed("audio-changes", info.changes, "sound"),
        *_bit_rate(info),
        *check_private("audio-private-metadata", info.private_metadata),
    )


def _wav_codec(info: AudioInfo, limits: AudioLimits) -> Findings:
    if info.container != "wav":
        return ()
    codec = "pcm" if PLAIN.fullmatch(info.codec) else info.codec
    return one_of("audio-codec-unsupported", codec, limits.wav_codecs)


def damaged(packets: int) -> Findings:
    """Damage that decoding showed: *packets* that gave no sound, or a damaged one."""
    if not packets:
        return ()
    verb = "is" if packets == 1 else "are"
    message = f"{packets:,} of its data packets {verb} damaged: gaps or clicks may be heard; listen to the result"
    return advice("audio-damaged", packets, 0, message)


def _bit_rate(info: AudioInfo) -> Findings:
    if info.bitrate_bps >= VERY_LOW_BPS or info.codec == "opus":
        return ()
    message = f"{amount(info.bitrate_bps / 1000, '')} kbit/s is telephone quality"
    return advice("audio-bit-rate-very-low", info.bitrate_bps, VERY_LOW_BPS, message, "bit/s")
