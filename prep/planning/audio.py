"""The fewest and gentlest steps that bring one sound inside its limits."""

from math import floor

from prep.model.limits import AudioLimits
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, Options, Step, Trim
from prep.planning.seconds import Length
from prep.rules.audio import check_audio
from prep.rules.compare import broken

TIME_RULES = frozenset({"audio-too-short", "audio-too-long"})
# An MP3 reads up to this much longer than what went in: encoder delay and whole frames.
MP3_PADDING_S = 0.06


def must_be_remade(info: AudioInfo, limits: AudioLimits) -> bool:
    """Whether this sound is re-made whatever part of it is used."""
    return bool(broken(check_audio(info, limits)) - TIME_RULES)


def audio_steps(info: AudioInfo, limits: AudioLimits, options: Options, length: Length) -> tuple[Step, ...]:
    """Steps for one sound, of which the part *length* is used; none if it is inside already and nothing was asked."""
    rules = broken(check_audio(info, limits)) - TIME_RULES
    extended = length.needed_s > length.duration_s
    if not rules and not length.cut and not extended:
        return ()
    encode = _encode(info, limits, tuple(sorted(rules | set(length.because))) or ("audio-too-short",))
    padding_s = MP3_PADDING_S if encode.container == "mp3" else 0.0
    steps: list[Step] = []
    if length.cut:
        start_s, kept_s = length.start_s, _kept(length, limits, padding_s)
        steps.append(Trim(start_s=start_s, duration_s=kept_s, because=length.because, note=length.why))
    if extended:
        loop = options.short == "loop"
        because = ("audio-too-short",)
        steps.append(Extend(duration_s=length.needed_s, how="loop" if loop else "silence", because=because))
    return (*steps, encode)


def _kept(length: Length, limits: AudioLimits, padding_s: float) -> float:
    """What is cut out, so that the format's padding does not carry it over a limit; never less than the least."""
    seconds = length.duration_s - (padding_s if "asked" not in length.because else 0.0)
    if limits.max_duration_s:
        seconds = min(seconds, limits.max_duration_s.value - padding_s)
    least_s = limits.min_duration_s.value if limits.min_duration_s else 0.0
    return max(1, floor(max(seconds, min(least_s, length.duration_s)) * 1000)) / 1000


def _encode(info: AudioInfo, limits: AudioLimits, because: tuple[str, ...]) -> EncodeAudio:
    """WAV stays WAV, since PCM is cut without loss and fits; everything else becomes MP3."""
    container = "wav" if info.codec.startswith("pcm_") and "wav" in limits.containers.value else "mp3"
    return EncodeAudio(
        container="wav" if container == "wav" else "mp3",
        sample_rate_hz=44_100 if info.sample_rate_hz in (11_025, 22_050, 44_100, 88_200) else 48_000,
        channels=min(info.channels, 2),
        because=because,
    )
