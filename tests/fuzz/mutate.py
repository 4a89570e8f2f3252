"""Mutations of bytes: bits, numbers, cuts, repeats and splices. The same random numbers give the same mutation."""

from collections.abc import Callable, Sequence
from random import Random

# Numbers on which sizes, counts and offsets go wrong.
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
MOST_CHANGES = 6


def mutate(seed: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """*seed* with one to six changes; *others* are what may be spliced into it."""
    data = bytearray(seed)
    for _ in range(random.randint(1, MOST_CHANGES)):
        if data:
            random.choice(CHANGES)(data, others, random)
    return bytes(data)


def _place(data: bytearray, random: Random) -> int:
    """Mostly near the start, where headers are."""
    reach = len(data) if random.random() < 0.4 else min(len(data), 600)
    return random.randrange(reach)


def _flip_bits(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    for _ in range(random.randint(1, 8)):
        data[_place(data, random)] ^= 1 << random.randrange(8)


def _put_number(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    size, at = random.choice((1, 2, 4, 8)), _place(data, random)
    number = random.choice(EDGES) % 256**size
    data[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))


def _cut_end(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    del data[random.randrange(len(data)) :]


def _cut_out(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    at = _place(data, random)
    del data[at : at + random.randint(1, max(1, len(data) // 4))]


def _repeat(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    at = _place(data, random)
    part = bytes(data[at : at + random.randint(1, 2000)])
    data[at:at] = part * random.randint(1, 8)


def _splice(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    other, at = random.choice(others), _place(data, random)
    begin = random.randrange(len(other) or 1)
    data[at : at + random.randint(0, 500)] = other[begin : begin + random.randint(1, 5000)]


def _fill(data: bytearray, others: Sequence[bytes], random: Random) -> None:
    at, size = _place(data, random), random.randint(1, 400)
    data[at : at + size] = bytes([random.choice((0, 0xFF, random.randrange(256)))]) * size


CHANGES: tuple[Callable[[bytearray, Sequence[bytes], Random], None], ...] = (
    _flip_bits,
    _put_number,
    _put_number,
    _cut_end,
    _cut_out,
    _repeat,
    _splice,
    _fill,
)
