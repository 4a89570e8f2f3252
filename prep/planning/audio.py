"""The steps for one sound: the fewest and gentlest that bring it inside its limits."""

from math import floor, inf
from typing import Literal

from prep.model.limits import AudioLimits
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, Options, SetLoudness, Step, StripMetadata
from prep.model.source import Source
from prep.planning.predict import predict
from prep.planning.sound_change import sound_changes
from prep.planning.trim.part import Length
from prep.rules.audio import check_audio
from prep.rules.findings import broken
from prep.rules.format_names import format_name

TIME_RULES = frozenset({"audio-too-short", "audio-too-long"})
# Readers that count frames and ignore the gapless header see up to this much more than what went in: encoder delay, the
# filling of the last frame, and the header's own frame (measured with LAME at 44.1 and 48 kHz: 0.077).
MP3_PADDING_S = 0.08
# PCM of at most 16 bits; of the others a WAV made here keeps less.
EXACT_IN_16_BITS = frozenset({"pcm_s16le", "pcm_s16be", "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw"})
LOSSLESS = "PCM stays PCM, without loss"
NO_ROOM = f"MP3 would add up to {MP3_PADDING_S:g} s, which doesn't fit"


def plan_audio(source: Source, limits: AudioLimits, options: Options, length: Length) -> tuple[Step, ...]:
    """Plan the steps for one sound, of which the part *length* is used; none if it complies and nothing was asked."""
    info = source.sound
    if not length.cut and not length.extended and not must_be_remade(info, limits, options):
        return (StripMetadata(because=("asked",)),) if is_stripped(info, options) else ()
    steps: list[Step] = []
    if length.cut:
        kept_s = max(1, floor(length.duration_s * 1000)) / 1000
        steps.append(length.trim(length.start_s, kept_s))
    if length.extended:
        how: Literal["loop", "silence"] = "loop" if options.short == "loop" else "silence"
        steps.append(Extend(duration_s=length.needed_s, how=how, because=("audio-too-short",)))
    if options.loudness is not None:
        steps.append(SetLoudness(lufs=options.loudness, because=("asked",)))
    reasons = _rules_broken(info, limits) | {reason for step in steps for reason in step.because}
    encode = EncodeAudio(
        container="mp3",
        sample_rate_hz=_sample_rate_hz(info),
        channels=min(info.channels, 2),
        because=tuple(sorted(reasons)) or ("asked",),
    )
    best = _in_best_format(encode, tuple(steps), info, limits, crowded=length.unpadded)
    moved = best.container == "wav" and _container(info, limits) == "mp3"
    notes = [*_changes(best, info), *([NO_ROOM] if moved else [])]
    return (*steps, best.model_copy(update={"note": ", ".join(notes)}))


def must_be_remade(info: AudioInfo, limits: AudioLimits, options: Options) -> bool:
    """True if this sound is re-encoded whatever part of it is used."""
    return (
        bool(_rules_broken(info, limits)) or options.loudness is not None or _too_large_to_strip(info, limits, options)
    )


def is_stripped(info: AudioInfo, options: Options) -> bool:
    """True if its metadata is to be stripped, even where the sound is not re-encoded."""
    return options.strip_metadata and bool(info.metadata or info.private_metadata)


def padding_s(info: AudioInfo, limits: AudioLimits) -> float:
    """The seconds that the format adds in which this sound would be written."""
    return MP3_PADDING_S if _container(info, limits) == "mp3" else 0.0


def unpadded_s(info: AudioInfo, limits: AudioLimits) -> float:
    """The seconds of this sound that fit in a WAV, which adds nothing; 0 where the endpoint takes none."""
    if "wav" not in limits.containers.value:
        return 0.0
    if limits.max_bytes is None:
        return inf
    encode = EncodeAudio(
        container="wav", sample_rate_hz=_sample_rate_hz(info), channels=min(info.channels, 2), because=()
    )
    empty, second = (predict(info.model_copy(update={"duration_s": s}), (encode,)).bytes for s in (0.0, 1.0))
    return (limits.max_bytes.value - empty) / (second - empty)


def _rules_broken(info: AudioInfo, limits: AudioLimits) -> frozenset[str]:
    """The rules that prep has to act on, whatever part is used."""
    return broken(check_audio(info, limits)) - TIME_RULES


def _too_large_to_strip(info: AudioInfo, limits: AudioLimits, options: Options) -> bool:
    """True if its size, accepted for a file that stays as it is, is too much for one that is made."""
    return is_stripped(info, options) and limits.max_bytes is not None and info.bytes > limits.max_bytes.value


def _in_best_format(
    encode: EncodeAudio, before: tuple[Step, ...], info: AudioInfo, limits: AudioLimits, *, crowded: bool
) -> EncodeAudio:
    """WAV stays WAV where it fits, since PCM is cut without loss; so does what has no room for padding (*crowded*).

    Everything else becomes MP3.
    """
    format = _container(info, limits)
    crowded = crowded and format == "mp3" and "wav" in limits.containers.value
    if format == "mp3" and not crowded:
        return encode
    wav = encode.model_copy(update={"container": "wav"})
    if limits.max_bytes and predict(info, (*before, wav)).bytes > limits.max_bytes.value:
        return encode
    return wav


def _changes(encode: EncodeAudio, info: AudioInfo) -> list[str]:
    """The changes of channels, rate and depth; of PCM also that there are none."""
    changes = sound_changes((info.channels, encode.channels), (info.sample_rate_hz, encode.sample_rate_hz))
    if encode.container != "wav" or not info.codec.startswith("pcm_"):
        return changes
    if info.codec not in EXACT_IN_16_BITS:
        return [*changes, f"{format_name(info.codec)} becomes 16-bit PCM"]
    return changes or [LOSSLESS]


def _container(info: AudioInfo, limits: AudioLimits) -> Literal["mp3", "wav"]:
    plain = info.codec.startswith("pcm_") or info.container == "wav"
    return "wav" if plain and "wav" in limits.containers.value else "mp3"


def _sample_rate_hz(info: AudioInfo) -> int:
    return 44_100 if info.sample_rate_hz in (11_025, 22_050, 44_100, 88_200, 176_400) else 48_000
