"""The fuzzer sees what is wrong, makes it small, and repeats itself."""

from pathlib import Path
from random import Random

from prep.errors import PrepError, UsageError
from tests.fuzz.__main__ import fault_of, smaller
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import Target, targets
from tests.types import Media

NEEDLE = b"\x7fneedle"


def _read(data: bytes) -> None:
    if NEEDLE in data:
        raise IndexError("list index out of range")
    if not data:
        raise UsageError("empty")


def test_an_error_of_ours_is_no_fault_and_any_other_is() -> None:
    target = Target({}, _read)
    assert fault_of(target, b"") is None
    assert str(fault_of(target, NEEDLE)).startswith("IndexError in test_faults.py:")


def test_what_the_fault_does_not_need_is_left_out() -> None:
    target, data = Target({}, _read), b"a" * 3000 + NEEDLE + b"b" * 3000
    fault = fault_of(target, data)
    assert fault is not None
    made = smaller(target, data, fault)
    assert NEEDLE in made and len(made) < 100


def test_the_same_seed_gives_the_same_inputs() -> None:
    seeds = (b"one" * 100, b"two" * 100)
    inputs = [[mutate(seeds[0], seeds, random) for _ in range(50)] for random in (Random(5), Random(5), Random(6))]
    assert inputs[0] == inputs[1] != inputs[2]


def test_every_target_reads_its_own_seeds(media: Media, tmp_path: Path) -> None:
    """Else only refusals would be tested."""
    refusals: list[str] = []
    for name, target in targets(tmp_path, media("small_200.png").parent).items():
        for seed, data in target.seeds.items():

            def read(data: bytes, target: Target = target, place: str = f"{name}: {seed}") -> None:
                try:
                    target.read(data)
                except PrepError as error:
                    refusals.append(f"{place}: {error}")
                    raise

            assert fault_of(target._replace(read=read), data) is None, f"{name}: {seed}"
    expected = ("webhook", "receipt", "answer")  # unsigned, not whole, and no error to have
    assert [text for text in refusals if not text.startswith(expected)] == []
