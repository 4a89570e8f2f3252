"""Documents of a stranger that are small, and would take minutes or gigabytes to read, or to say what is wrong."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from prep.inputs.manifests import read_manifest
from prep.inputs.plans import read_plan
from prep.media.io.text_file import MOST_VALUES
from prep.specs import read_spec
from prep.validation import MOST_COMPLAINTS

# Far less than without the bounds, and far more than on a slow machine.
MOST_S = 10.0


def _entries(number: int) -> str:
    return '{"entries":[' + ",".join(["{}"] * number) + "]}"


def _manifest(text: str, folder: Path) -> Any:
    (folder / "manifest.json").write_text(text)
    return read_manifest(folder)


def _plan(text: str, folder: Path) -> Any:
    (folder / "plan.json").write_text(text)
    return read_plan(folder / "plan.json")


def _spec(text: str, folder: Path) -> Any:
    (folder / "spec.toml").write_text(text)
    return read_spec(folder / "spec.toml")


Read = Callable[[str, Path], Any]
MANY = MOST_VALUES // 2 - 1  # each has a brace and, but for one, a comma
CASES: dict[str, tuple[Read, str, str]] = {
    "manifest, too many": (_manifest, _entries(MANY + 1), "more than the 400,000 values"),
    "manifest, at the limit": (_manifest, _entries(MANY), "keys are missing or wrong$"),
    "manifest, some": (_manifest, _entries(500), "; 1,974 more are missing or wrong$"),
    "plan, too many": (_plan, _entries(MANY + 1), "more than the 400,000 values"),
    "plan, at the limit": (_plan, _entries(MANY), "keys are missing or wrong$"),
    "spec, unknown keys": (
        _spec,
        "\n".join(f"k{number} = 1" for number in range(20_000)),
        "more are missing or wrong$",
    ),
    "spec, dots in text": (_spec, f'k = 1\nx = """\n{"a." * 999}\n"""\n', "k: unknown key"),
    "spec, a long line": (_spec, f'k = 1\nx = """\n[{" " * 100_000}\n"""\n', "k: unknown key"),
    "spec, a key of many parts": (_spec, f"{'a.' * 100_000}b = 1\n", "spec.toml:1: more than the 1,000 dots"),
}


@pytest.mark.parametrize(("read", "text", "message"), CASES.values(), ids=CASES)
def test_one_that_takes_long(tmp_path: Path, read: Read, text: str, message: str) -> None:
    began_s = time.process_time()
    with pytest.raises(UsageError, match=message) as raised:
        read(text, tmp_path)
    assert time.process_time() - began_s < MOST_S
    assert str(raised.value).count("missing") <= MOST_COMPLAINTS + 1
    assert len(str(raised.value)) < 10_000
