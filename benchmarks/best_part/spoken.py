"""Speech with known word times: espeak-ng says it through its library, which reports when each word begins.

Needs espeak-ng (`apt-get install espeak-ng`).
"""

import ctypes
import ctypes.util
import warnings
from array import array
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it left the standard library in 3.13, where audioop-lts stands in
    import audioop

RATE_HZ = 16_000
SYNCHRONOUS, UTF8 = 2, 1
WORD, SENTENCE, END = 1, 2, 5
# What is quieter than this, of 32,767, is a pause; so is nothing shorter than this many samples.
QUIET, FRAME = 60, RATE_HZ // 100
# Words sound this much before they are reported.
LATE_S = 0.03

TEXTS = (
    "The ferry leaves at nine. Nobody else was on the pier this morning, so we had the whole upper deck to ourselves. "
    "The captain told us that the lighthouse was built twice. The first one fell into the sea during a storm. "
    "People still find bricks on the beach. When the tide is low, you can walk to the island and back again.",
    "I never planned to become a baker. My uncle needed help for one summer, and I stayed for eleven years. "
    "You get up at three, and the town belongs to you. Bread does not care about your mood. "
    "It wants time, warmth and a little patience. Today we sell two hundred loaves before noon.",
    "Let me explain how the valve works. Water pushes against the plate, and the spring pushes back. "
    "If the pressure rises above four bar, the plate moves and the surplus flows off. That is all there is to it. "
    "Most failures come from dirt. Clean it once a year, and it will outlive the boiler.",
    "Good evening, and welcome back to the programme. Tonight we talk about rivers. "
    "Our guest has walked along nineteen of them, from the source to the mouth. She carried everything on her back. "
    "The longest walk took four months and three pairs of boots. We begin with the smallest river of all.",
    "My grandmother kept bees behind the school. She said that they know when somebody is afraid. "
    "Once a swarm settled on the clock of the town hall, and the clock stopped. They called her, and she came with a "
    "basket and a white sheet. It took ten minutes. The mayor gave her a medal, which she hung up in the hen house.",
)
QUESTIONS = (
    "How did it begin?",
    "And what did the others say?",
    "Were you ever afraid?",
    "What would you do differently today?",
    "What comes next?",
)
VOICES = ("en-us", "en-gb+f2", "en-us+m3", "en-gb-scotland+f4", "en-us+f3")


class Words(NamedTuple):
    """16-bit samples of RATE_HZ, mono, and what is said in them: start and end of each word and of each sentence."""

    pcm: bytes
    words: tuple[tuple[float, float], ...]
    sentences: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE_HZ


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def say(text: str, voice: str) -> Words:
    """*text* spoken by *voice*. Raises FileNotFoundError without espeak-ng."""
    library, rate_hz = _library()
    heard = array("h")
    events: list[tuple[int, float]] = []

    def collect(wave: Any, count: int, event: Any) -> int:
        if wave and count > 0:
            heard.extend(wave[:count])
        index = 0
        while event and event[index].type:
            events.append((event[index].type, max(0.0, event[index].audio_position / 1000 - LATE_S)))
            index += 1
        return 0

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    spoken = text.encode()
    library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, UTF8, None, None)
    return _timed(_resampled(heard.tobytes(), rate_hz), events)


def _resampled(samples: bytes, rate_hz: int) -> memoryview:
    return memoryview(audioop.ratecv(samples, 2, 1, rate_hz, RATE_HZ, None)[0]).cast("h")


def _timed(samples: memoryview, events: list[tuple[int, float]]) -> Words:
    """Words from the times at which they begin; each lasts until the next, without the pause at its end."""
    seconds = len(samples) / RATE_HZ
    begins = [time_s for kind, time_s in events if kind == WORD]
    words = [_trimmed(samples, start_s, end_s) for start_s, end_s in pairwise([*begins, seconds])]
    ends = [time_s for kind, time_s in events if kind == SENTENCE][1:]
    groups: list[list[tuple[float, float]]] = [[]]
    for word in words:
        if ends and word[0] >= ends[0] - 0.001:
            ends.pop(0)
            groups.append([])
        groups[-1].append(word)
    sentences = [(group[0][0], group[-1][1]) for group in groups if group]
    return Words(samples.tobytes(), tuple(words), tuple(sentences))


def _trimmed(samples: memoryview, start_s: float, end_s: float) -> tuple[float, float]:
    loud = [at for at in _frames(round(start_s * RATE_HZ), round(end_s * RATE_HZ)) if _is_loud(samples, at)]
    if not loud:
        return start_s, end_s
    return max(start_s, loud[0] / RATE_HZ), min(end_s, (loud[-1] + FRAME) / RATE_HZ)


def _frames(first: int, last: int) -> Iterator[int]:
    yield from range(first, last, FRAME)


def _is_loud(samples: memoryview, at: int) -> bool:
    return max(map(abs, samples[at : at + FRAME]), default=0) > QUIET


@cache
def _library() -> tuple[Any, int]:
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        raise FileNotFoundError("espeak-ng is not installed (apt-get install espeak-ng)")
    library = ctypes.CDLL(name)
    return library, library.espeak_Initialize(SYNCHRONOUS, 0, None, 0)
