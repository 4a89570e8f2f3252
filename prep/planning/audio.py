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
        kept_s = length.duration_s - (padding_s if "asked" not in length.because else 0)
        steps.append(Trim(start_s=length.start_s, duration_s=floor(kept_s * 1000) / 1000, because=length.because))
    if extended and options.short != "refuse":
        how = "silence" if options.short == "hold" else options.short
        steps.append(Extend(duration_s=length.needed_s, how=how, because=("audio-too-short",)))
    return (*steps, encode)


def _encode(info: AudioInfo, limits: AudioLimits, because: tuple[str, ...]) -> EncodeAudio:
    """WAV stays WAV, since PCM is cut without loss and fits; everything else becomes MP3."""
    container = "wav" if info.codec.startswith("pcm_") and "wav" in limits.containers.value else "mp3"
    return EncodeAudio(
        container="wav" if container == "wav" else "mp3",
        sample_rate_hz=44_100 if info.sample_rate_hz in (11_025, 22_050, 44_100, 88_200) else 48_000,
        channels=min(info.channels, 2),
        because=because,
    )
