"""The soak of a batch in short; `make soak-batch` is the long one."""

import gc
from pathlib import Path

import pytest

from tests.soak.batch import soak

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


def test_a_short_soak_of_a_batch(tmp_path: Path) -> None:
    assert soak(8, 3, 7, tmp_path)[-1].startswith("billed once each")
    gc.collect()
