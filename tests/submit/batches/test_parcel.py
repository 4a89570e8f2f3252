"""Parcels between machines, without a cluster: what a worker reads and gives back, and what the driver accepts."""

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from prep.errors import ManyErrors, PrepError, RefusedError, RemoteError, UnreadableError, UsageError
from prep.inputs.jobs import Job
from prep.pricing.cost import Cost
from prep.specs import load_spec
from submit.batches.executors.parcel import Delivery, Order, carry_out, order_for, pieces_of, portable
from submit.batches.executors.receiving import receive
from submit.batches.preparation import Preparation
from submit.errors import TooExpensive
from submit.request.build import Request
from submit.request.offer import Offer
from tests.types import Media

Pack = Callable[..., tuple[Preparation, Order]]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """`pack("photo.jpg")`: the task about these references, and its order, from a driver with a folder of its own."""

    def packed(*references: str, name: str = "row") -> tuple[Preparation, Order]:
        folder = tmp_path / "out" / name
        folder.mkdir(parents=True)
        job = Job(prompt="A slow walk", references=references)
        task = Preparation(job.model_dump_json(exclude_unset=True), "key", load_spec(), folder, tmp_path / "cache")
        return task, order_for(task, tmp_path / "out" / ".token", None)

    return packed


def _contents(order: Order) -> dict[str, object]:
    return {item.path: pieces_of(item.path) for item in order.inputs}


def test_a_worker_that_does_not_see_the_file_asks_for_it(media: Media, pack: Pack, tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(media("photo_orient6.jpg").read_bytes())
    task, order = pack(f"hero={picture}#xywh=percent:0,0,50,50")
    contents = {item.path: list(pieces_of(item.path)) for item in order.inputs}
    picture.unlink()
    assert carry_out(order, None).lacking
    delivery = carry_out(order, {path: iter(pieces) for path, pieces in contents.items()})
    prepared = receive(delivery, task, threading.Event())
    (entry,) = prepared.manifest.entries
    assert (entry.name, entry.source.path) == ("hero", str(picture)), "the paths are those of the driver"
    assert sorted(path.name for path in task.folder.iterdir()) == ["image1-photo.jpg", "manifest.json", "row.json"]
    assert str(tmp_path) not in str(delivery.files), "nothing was written beside the driver's files"


def test_a_file_that_has_changed_is_another_one(media: Media, pack: Pack, tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(media("photo_orient6.jpg").read_bytes())
    _, order = pack(str(picture))
    picture.write_bytes(picture.read_bytes() + b"0")
    assert carry_out(order, None).lacking


def test_a_worker_that_sees_the_folder_works_beside_it(media: Media, pack: Pack) -> None:
    task, order = pack(str(media("photo_orient6.jpg")))
    order.token.touch()
    delivery = carry_out(order, None)
    assert [isinstance(place, Path) and place.parents[2] == task.folder for _, place in delivery.files] == [True]
    assert not (task.folder / "manifest.json").exists(), "the driver writes it"
    receive(delivery, task, threading.Event())
    assert sorted(path.name for path in task.folder.iterdir()) == [
        "image1-photo_orient6.jpg",
        "manifest.json",
        "row.json",
    ]


def test_a_file_that_is_not_the_one_that_was_made(media: Media, pack: Pack) -> None:
    task, order = pack(str(media("photo_orient6.jpg")))
    delivery = carry_out(order, None)
    name, content = delivery.files[0]
    assert isinstance(content, bytes)
    for wrong in ((), ((name, content[:-1]),)):
        with pytest.raises(RemoteError, match="not the file that the worker made"):
            receive(delivery._replace(files=wrong), task, threading.Event())
    assert list(task.folder.iterdir()) == []


def test_a_reference_in_the_row_folder_is_not_replaced(media: Media, pack: Pack) -> None:
    """Also when this program has made it: the worker, which makes files elsewhere, can't see that."""
    task, order = pack(str(media("photo_orient6.jpg")))
    order.token.touch()
    receive(carry_out(order, None), task, threading.Event())
    source = task.folder / "image1-photo_orient6.jpg"
    before = source.read_bytes()
    job = Job(prompt="A slow walk", references=[f"{source}#xywh=percent:0,0,50,100"])
    task = task._replace(job=job.model_dump_json(exclude_unset=True), key="other")
    delivery = carry_out(order_for(task, order.token, None), None)
    assert delivery.error is None and delivery.folder is not None
    with pytest.raises(UsageError, match="is one of the references and would be replaced"):
        receive(delivery, task, threading.Event())
    assert source.read_bytes() == before
    assert not delivery.folder.exists(), "what the worker made is removed"


def test_another_version_of_the_program(media: Media, pack: Pack) -> None:
    _, order = pack(str(media("photo.jpg")))
    error = carry_out(order._replace(version="0.0"), None).error
    assert isinstance(error, UsageError) and "use the same version" in str(error)


def test_errors_name_the_file_of_the_user(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_text("text")
    (tmp_path / "none.jpg").write_text("text")
    _, order = pack(str(tmp_path / "no.jpg"), str(tmp_path / "none.jpg"))
    delivery: Delivery = carry_out(order, _contents(order))  # type: ignore[arg-type]
    assert isinstance(delivery.error, PrepError)
    assert [str(tmp_path / name) in str(delivery.error) for name in ("no.jpg", "none.jpg")] == [True, True]
    assert "/in0/" not in str(delivery.error)


def _too_expensive() -> TooExpensive:
    from prep.model.plan import Plan

    plan = Plan.model_construct()
    cost = Cost(min_usd=Decimal(1), max_usd=Decimal(2))
    return TooExpensive("too dear", Offer(plan=plan, request=Request(prompt=""), cost=cost, output=""), ())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(UnreadableError("a"), UnreadableError, id="as it is"),
        pytest.param(ManyErrors((UsageError("a"), UnreadableError("b"))), ManyErrors, id="many"),
        pytest.param(_too_expensive(), RefusedError, id="one that can't travel"),
        pytest.param(ZeroDivisionError("a"), ZeroDivisionError, id="a bug"),
    ],
)
def test_errors_travel(error: Exception, kind: type[Exception]) -> None:
    import pickle

    arrived = pickle.loads(pickle.dumps(portable(error, {})))
    assert isinstance(arrived, kind)
    assert (str(arrived), getattr(arrived, "exit_code", None)) == (str(error), getattr(error, "exit_code", None))
