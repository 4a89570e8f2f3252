"""Forty sounds in which somebody speaks, with what is said when: clean, in noise, after music, in conversation."""

import random
import warnings
import wave
from collections.abc import Callable, Sequence
from functools import partial
from math import pi, sin
from pathlib import Path
from typing import NamedTuple

from benchmarks.best_part.spoken import QUESTIONS, RATE_HZ, TEXTS, VOICES, Words, say

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it left the standard library in 3.13, where audioop-lts stands in
    import audioop

Span = tuple[float, float]
CHORDS = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6), (164.8, 207.7, 246.9))
LOUD = 9000


class Sound(NamedTuple):
    """A file, and the words, sentences and turns (of one speaker) in it, each by start and end in seconds."""

    path: Path
    words: tuple[Span, ...]
    sentences: tuple[Span, ...]
    turns: tuple[Span, ...]


class _Track:
    """Speech, one after the other, over a background."""

    def __init__(self, seed: int) -> None:
        self.seed, self.pcm = seed, bytearray()
        self.words: list[Span] = []
        self.sentences: list[Span] = []
        self.turns: list[Span] = []

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE_HZ

    def pause(self, seconds: float) -> None:
        self.pcm += bytes(2 * round(seconds * RATE_HZ))

    def add(self, pcm: bytes) -> None:
        self.pcm += pcm

    def say(self, said: Words) -> None:
        at_s = self.seconds
        self.pcm += _levelled(said.pcm)
        for times, own in ((self.words, said.words), (self.sentences, said.sentences)):
            times += [(at_s + start_s, at_s + end_s) for start_s, end_s in own]
        self.turns.append((at_s + said.words[0][0], at_s + said.words[-1][1]))

    def under(self, background: bytes, below_db: float) -> None:
        """Put *background* under all of it, so much quieter than the speech."""
        quiet = audioop.mul(_levelled(background), 2, 10 ** (-below_db / 20))
        self.pcm = bytearray(audioop.add(bytes(self.pcm), quiet[: len(self.pcm)].ljust(len(self.pcm), b"\0"), 2))


def sounds(folder: Path) -> list[Sound]:
    """Make the sounds in *folder*. Raises FileNotFoundError without espeak-ng."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for kind, make in KINDS.items():
        for number in range(len(VOICES)):
            track = _Track(number)
            make(track, number)
            path = folder / f"{kind}-{number}.wav"
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
                file.writeframes(track.pcm)
            made.append(Sound(path, tuple(track.words), tuple(track.sentences), tuple(track.turns)))
    return made


def _clean(track: _Track, number: int) -> None:
    track.pause(0.4)
    for index in range(3):
        track.say(say(TEXTS[(number + index) % len(TEXTS)], VOICES[number]))
        track.pause(0.7)


def _noisy(track: _Track, number: int, below_db: float) -> None:
    _clean(track, number)
    track.under(_noise(track.seconds, number, smooth=number % 3), below_db)


def _after_music(track: _Track, number: int) -> None:
    track.add(_music(18 + 2 * number, number))
    track.pause(0.3)
    _clean(track, number)


def _after_rain(track: _Track, number: int) -> None:
    track.pause(22 + number)
    _clean(track, number)
    track.under(_noise(track.seconds, number, smooth=2), 14)


def _over_music(track: _Track, number: int) -> None:
    _clean(track, number)
    track.under(_music(track.seconds, number), 12)


def _interview(track: _Track, number: int) -> None:
    track.pause(0.5)
    for index, question in enumerate(QUESTIONS):
        track.say(say(question, VOICES[(number + 1) % len(VOICES)]))
        track.pause(0.45)
        sentences = TEXTS[(number + index) % len(TEXTS)].split(". ")
        track.say(say(". ".join(sentences[: 2 + index % 3]) + ".", VOICES[number]))
        track.pause(0.8)


def _sparse(track: _Track, number: int) -> None:
    """One sentence each few seconds, and in the middle several together."""
    for index, sentence in enumerate(TEXTS[number].split(". ")):
        track.pause(4 + index)
        track.say(say(sentence, VOICES[number]))
    track.pause(6)
    track.say(say(TEXTS[(number + 1) % len(TEXTS)], VOICES[number]))
    track.pause(20)


def _once(track: _Track, number: int) -> None:
    """Eight minutes of music and noise, in which somebody speaks once."""
    track.add(_music(120 + 60 * number, number))
    track.pause(0.5)
    track.say(say(TEXTS[number], VOICES[number]))
    track.pause(0.5)
    track.add(_levelled(_noise(480 - track.seconds, number, smooth=1)))


KINDS: dict[str, Callable[[_Track, int], None]] = {
    "clean": _clean,
    "noise-10dB": partial(_noisy, below_db=10),
    "after-music": _after_music,
    "after-rain": _after_rain,
    "over-music": _over_music,
    "interview": _interview,
    "sparse": _sparse,
    "once-in-eight-minutes": _once,
}


def _levelled(pcm: bytes) -> bytes:
    """As loud as the others while there is sound."""
    steps = [pcm[at : at + 640] for at in range(0, len(pcm), 640)]
    loud = [rms for step in steps if (rms := audioop.rms(step, 2)) > 300]
    level = sum(loud) / len(loud) if loud else 1.0
    return audioop.mul(pcm, 2, LOUD / 3 / level)


def _noise(seconds: float, seed: int, smooth: int) -> bytes:
    """White noise; *smooth* makes it duller, like rain or wind."""
    draw = random.Random(seed)
    pcm = draw.randbytes(2 * round(seconds * RATE_HZ))
    pcm = audioop.mul(pcm, 2, 0.3)
    for _ in range(smooth):
        pcm = audioop.add(audioop.mul(pcm, 2, 0.5), audioop.mul(b"\0\0" + pcm[:-2], 2, 0.5), 2)
    return pcm


def _music(seconds: float, seed: int) -> bytes:
    """Plucked chords and a drum, two beats a second."""
    beats = [_beat(CHORDS[(index // 4 + seed) % len(CHORDS)], index) for index in range(16)]
    count = round(seconds * 2) + 1
    return b"".join(beats[index % 16] for index in range(count))[: 2 * round(seconds * RATE_HZ)]


def _beat(chord: Sequence[float], index: int) -> bytes:
    draw = random.Random(index)
    samples = []
    for at in range(RATE_HZ // 2):
        time_s = at / RATE_HZ
        fading = max(0.0, 1 - 1.6 * time_s)
        tone = sum(sin(2 * pi * hertz * time_s) + 0.4 * sin(4 * pi * hertz * time_s) for hertz in chord)
        drum = draw.uniform(-1, 1) * max(0.0, 1 - 12 * time_s) * (3 if index % 4 == 2 else 1)
        samples.append(round(1500 * (tone * fading + drum)))
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)
