"""The fewest and gentlest steps that bring one sound inside its limits."""

from math import floor, inf
from typing import Literal

from prep.model.limits import AudioLimits
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, Options, SetLoudness, Step, StripMetadata, Trim
from prep.planning.budget_seconds import Length
from prep.planning.predict import predict
from prep.rules.audio import check_audio
from prep.rules.findings import broken

TIME_RULES = frozenset({"audio-too-short", "audio-too-long"})
# Readers that count frames instead of heeding the gapless header see up to this much more than what went in: encoder
# delay, the filling of the last frame, and the header's own frame (measured with LAME at 44.1 and 48 kHz: 0.077).
MP3_PADDING_S = 0.08
LOSSLESS = "PCM stays PCM, without loss"
NO_ROOM = f"MP3 would add up to {MP3_PADDING_S:g} s, which doesn't fit"


def must_be_remade(info: AudioInfo, limits: AudioLimits, options: Options) -> bool:
    """True if this sound is re-encoded whatever part of it is used."""
    rules = broken(check_audio(info, limits)) - TIME_RULES
    return bool(rules) or options.loudness is not None or _too_large_to_strip(info, limits, options)


def is_stripped(info: AudioInfo, options: Options) -> bool:
    """True if its metadata is to be stripped, even where nothing is re-encoded."""
    return options.strip_metadata and bool(info.metadata or info.private_metadata)


def _too_large_to_strip(info: AudioInfo, limits: AudioLimits, options: Options) -> bool:
    """A file that is made has to meet the strict size, which one that was given may be a little above."""
    return is_stripped(info, options) and limits.max_bytes is not None and info.bytes > limits.max_bytes.value


def padding_s(info: AudioInfo, limits: AudioLimits) -> float:
    """The seconds that the format adds in which this sound would be written."""
    return MP3_PADDING_S if _container(info, limits) == "mp3" else 0.0


def unpadded_s(info: AudioInfo, limits: AudioLimits) -> float:
    """How long this sound may last to be written as WAV, which adds nothing; 0 where the endpoint reads none."""
    if "wav" not in limits.containers.value:
        return 0.0
    if limits.max_bytes is None:
        return inf
    second = predict(info.model_copy(update={"duration_s": 1.0}), (_encoded("wav", info, ()),))
    empty = predict(info.model_copy(update={"duration_s": 0.0}), (_encoded("wav", info, ()),))
    return (limits.max_bytes.value - empty.bytes) / (second.bytes - empty.bytes)


def audio_steps(info: AudioInfo, limits: AudioLimits, options: Options, length: Length) -> tuple[Step, ...]:
    """Steps for one sound, of which the part *length* is used; none if it is inside already and nothing was asked."""
    rules = broken(check_audio(info, limits)) - TIME_RULES
    extended = length.needed_s > length.duration_s
    if not length.cut and not extended and not must_be_remade(info, limits, options):
        return (StripMetadata(because=("asked",)),) if is_stripped(info, options) else ()
    steps: list[Step] = []
    if length.cut:
        kept_s = max(1, floor(length.duration_s * 1000)) / 1000
        steps.append(Trim(start_s=length.start_s, duration_s=kept_s, because=length.because, note=length.why))
    if extended:
        loop = options.short == "loop"
        steps.append(
            Extend(duration_s=length.needed_s, how="loop" if loop else "silence", because=("audio-too-short",))
        )
    if options.loudness is not None:
        steps.append(SetLoudness(lufs=options.loudness, because=("asked",)))
    because = rules | {reason for step in steps for reason in step.because} or {"asked"}
    return (*steps, _encode(info, limits, tuple(steps), tuple(sorted(because)), length.unpadded))


def _encode(
    info: AudioInfo, limits: AudioLimits, before: tuple[Step, ...], because: tuple[str, ...], unpadded: bool
) -> EncodeAudio:
    """WAV stays WAV where it fits, since PCM is cut without loss; what has no room for padding becomes WAV as well,
    everything else MP3."""
    format = _container(info, limits)
    crowded = unpadded and format == "mp3" and "wav" in limits.containers.value
    encode = _encoded("wav" if crowded else format, info, because)
    if encode.container == "mp3":
        return encode
    if limits.max_bytes and predict(info, (*before, encode)).bytes > limits.max_bytes.value:
        return encode.model_copy(update={"container": "mp3"})
    return encode.model_copy(update={"note": NO_ROOM if crowded else LOSSLESS})


def _encoded(container: Literal["mp3", "wav"], info: AudioInfo, because: tuple[str, ...]) -> EncodeAudio:
    return EncodeAudio(
        container=container,
        sample_rate_hz=44_100 if info.sample_rate_hz in (11_025, 22_050, 44_100, 88_200, 176_400) else 48_000,
        channels=min(info.channels, 2),
        because=because,
    )


def _container(info: AudioInfo, limits: AudioLimits) -> Literal["mp3", "wav"]:
    return "wav" if info.codec.startswith("pcm_") and "wav" in limits.containers.value else "mp3"
