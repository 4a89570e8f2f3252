"""What an installation gets: the wheel holds all that is not code."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]


def test_everything_that_is_not_code_is_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith(("prep/", "submit/"))}
    ours = [path for package in ("prep", "submit") for path in (ROOT / package).rglob("*") if path.is_file()]
    assert packed == {str(path.relative_to(ROOT)) for path in ours if "__pycache__" not in path.parts}
    assert {"prep/py.typed", "submit/py.typed"} <= packed
