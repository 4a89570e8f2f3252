"""Wrong calls of the library: one kind of error, with the name of the argument."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from prep import check, plan, prepare
from prep.errors import UsageError
from prep.model.manifest import SpecUsed
from prep.model.plan import Plan
from prep.specs import load_spec
from tests.made import SEEDANCE_2_5
from tests.types import Media


@pytest.mark.parametrize("call", [check, plan, lambda *arguments, **options: prepare(*arguments, out="out", **options)])
@pytest.mark.parametrize(
    ("references", "options", "message"),
    [
        (5, {}, "5: references are given as a list"),
        (None, {}, "None: references are given as a list"),
        ([5], {}, "5: a reference is a path, a string, a Reference, bytes or a file object"),
        (["a.mp4"], {"endpoint": 5}, "endpoint: should be str, not 5"),
        (["a.mp4"], {"endpoint": ["a"]}, "endpoint: should be str, not ['a']"),
        (["a.mp4"], {"endpoint": None}, "None: no such endpoint; choose from:"),
        (["a.mp4"], {"options": {"fit": "pad"}}, "options: should be Options, not {'fit': 'pad'}"),
        (["a.mp4"], {"cancel": True}, "cancel: should be Event, not True"),
        (["a.mp4"], {"network": "any"}, "network: should be Network, not 'any'"),
        (["a\0.mp4"], {}, "a\\x00.mp4: a file name can't contain a NUL character; rename the file"),
        ([Path("a\0.mp4")], {}, "a\\x00.mp4: a file name can't contain a NUL character; rename the file"),
        ([["x" * 500]], {}, f"['{'x' * 38}...: a reference is a path, a string, a Reference, bytes or a file object"),
        (
            SpecUsed(endpoint="e", checked=date(2026, 1, 1)),
            {},
            "SpecUsed(endpoint='e', checked=datetime....: references are given as a list",
        ),
    ],
)
def test_what_all_take(call: Callable[..., Any], references: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call(references, **options)
    assert str(caught.value).startswith(message)


def test_a_prompt_is_a_text(media: Media) -> None:
    with pytest.raises(UsageError, match=r"^prompt: should be str, not 5$"):
        check([media("photo.jpg")], prompt=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"out": 5}, "out: should be a path, not 5"),
        ({"out": ""}, r"out: should be a path, not ''; '\.' is the working directory"),
        ({"out": "a\0b"}, r"out: a file name can't contain a NUL character"),
        ({"out": "out", "progress": 5}, "progress: should be a function, not 5"),
    ],
)
def test_what_prepare_takes(media: Media, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        prepare([media("photo.jpg")], **options)


def test_a_plan_of_another_endpoint(media: Media, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the plan is for .*2\.0/reference-to-video, the spec for .*2\.5/"):
        prepare(plan([media("photo.jpg")]), load_spec(SEEDANCE_2_5), out=tmp_path / "out")


def test_a_plan_of_an_endpoint_of_the_users_own(media: Media, tmp_path: Path) -> None:
    mine = load_spec().model_copy(update={"endpoint": "acme/mine"})
    planned = plan([media("photo_orient6.jpg")], mine)
    with pytest.raises(UsageError, match="acme/mine: no such endpoint"):
        prepare(planned, out=tmp_path / "out")
    manifest = prepare(planned, mine, out=tmp_path / "out")
    assert (manifest.endpoint, manifest.spec.endpoint) == ("acme/mine", "acme/mine")


def test_a_plan_that_was_edited_is_told_by_its_key(media: Media, tmp_path: Path) -> None:
    fields = plan([media("panorama.png")]).model_dump(mode="json")
    pad = next(step for step in fields["entries"][0]["steps"] if step["kind"] == "pad")
    pad["width"] -= 2
    with pytest.raises(UsageError, match=r"^invalid plan: entries\.0\.(steps\.\d+|predicted): "):
        prepare(Plan.model_validate(fields), out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
