"""The soak of a batch in short; `make soak-batch` is the long one."""

import gc
import random
import threading
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer
from tests.soak.batch import soak

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


def test_a_short_soak_of_a_batch(tmp_path: Path) -> None:
    assert soak(8, 3, 7, tmp_path)[-1].startswith("billed once each")
    gc.collect()


@pytest.mark.needs("postgres")
def test_a_short_soak_with_a_server_that_loses_all_connections_now_and_then(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    over, chance = threading.Event(), random.Random(7)

    def lose() -> None:
        while not over.wait(chance.uniform(0.2, 2.0)):
            postgres_server.lose_connections()

    thread = threading.Thread(target=lose)
    thread.start()
    try:
        assert soak(8, 2, 7, tmp_path, postgres_server.by_port("test"))[-1].startswith("billed once each")
    finally:
        over.set()
        thread.join()
    gc.collect()
