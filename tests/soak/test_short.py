"""The soak in short; `make soak` is the long one."""

import gc
from pathlib import Path

import pytest

from tests.soak.__main__ import soak

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


def test_a_short_soak(tmp_path: Path) -> None:
    assert soak(6, 7, tmp_path)[-1].startswith("billed once each")
    gc.collect()
