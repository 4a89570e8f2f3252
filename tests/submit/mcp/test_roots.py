"""Nothing outside the roots is read or written, whatever names it."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from submit.mcp.desk import Desk
from submit.mcp.roots import Roots
from tests.submit.mcp.agent import MODES, connected
from tests.types import Media

OUTSIDE = "outside the folders that are open"


@pytest.fixture
def secret(tmp_path: Path, media: Media) -> Path:
    """A picture in a folder beside the root."""
    folder = tmp_path / "private"
    folder.mkdir()
    return Path(shutil.copy(media("at_limit_300.png"), folder / "secret.png"))


@pytest.mark.parametrize(
    "text",
    [
        "hero.png",
        "./hero.png",
        "ready/../hero.png",
        "{root}/hero.png",
        "face=hero.png#xywh=percent:0,0,50,50",
        "link.png",
        "https://example.org/a.png?key=1",
        "ready",
    ],
)
def test_names_inside(root: Path, text: str) -> None:
    (root / "link.png").symlink_to(root / "hero.png")
    (reference,) = Roots((root,)).references([text.format(root=root)])
    assert reference.is_url or Path(reference.location).is_relative_to(root)
    assert reference.name == ("face" if text.startswith("face=") else None)


@pytest.mark.parametrize(
    "text",
    [
        "../private/secret.png",
        "{root}/../private/secret.png",
        "{secret}",
        "face={secret}",
        "{secret}#xywh=percent:0,0,50,50",
        "link.png",
        "face=link.png#t=1,2",
        "linked/secret.png",
        "linked",
        "folder",
        "ready/../../private",
        "{root}-other/hero.png",
        "/etc/passwd",
        "nowhere/../../private/secret.png",
        "",
    ],
)
def test_names_outside(root: Path, secret: Path, text: str) -> None:
    (root / "link.png").symlink_to(secret)
    (root / "linked").symlink_to(secret.parent)
    (root / "folder").mkdir()
    (root / "folder" / "inside.png").symlink_to(secret)
    with pytest.raises(UsageError, match=f"{OUTSIDE}|an empty reference"):
        Roots((root,)).references([text.format(root=root, secret=secret)])


def test_it_is_not_told_whether_something_outside_exists(root: Path, secret: Path) -> None:
    def refusal(text: str) -> str:
        with pytest.raises(UsageError) as caught:
            Roots((root,)).references([text])
        return str(caught.value).replace(text, "NAME")

    assert refusal(str(secret)) == refusal(str(secret.with_name("none.png")))
    assert refusal("../private/a=b.png") == refusal("../private/c=d.png")


@pytest.mark.parametrize("text", ["file:///etc/passwd", "data:image/png;base64,AAAA", "ftp://example.org/a.png"])
def test_other_schemes_are_refused_as_elsewhere(root: Path, text: str) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        Roots((root,)).references([text])


@pytest.mark.parametrize(
    "address", ["s3://private/secret.png", "face=gs://private/secret.png", "AZ://private/clip.mp4#t=1,2"]
)
@pytest.mark.parametrize("tool", ["check", "plan", "price", "prep"])
def test_object_storage_is_refused(root: Path, desk: Desk, address: str, tool: str) -> None:
    """The person's own credentials open it, and no root says how much of it."""

    async def call() -> dict[str, Any]:
        async with connected(desk) as agent:
            return await agent.short(
                tool, references=["hero.png", address], **({"out": "made"} if tool == "prep" else {})
            )

    answer = asyncio.run(call())
    assert not answer["ok"] and "object storage" in answer["text"]


def test_a_nul_is_no_way_out(root: Path) -> None:
    with pytest.raises(UsageError, match="NUL"):
        Roots((root,)).place("hero.png\0/../../private")


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_escapes_of_bytes_lead_nowhere_else(root: Path, secret: Path) -> None:
    os.symlink(secret, os.fsencode(root) + b"/caf\xe9.png")
    with pytest.raises(UsageError, match=OUTSIDE):
        Roots((root,)).references([r"caf\xe9.png"])


ELSEWHERE: dict[str, dict[str, Any]] = {
    "check": {"references": ["{secret}"]},
    "plan": {"references": ["hero.png", "../private/secret.png"]},
    "prep": {"references": ["{secret}"], "out": "made"},
    "prep-out": {"references": ["hero.png"], "out": "../private/made"},
    "prep-out-link": {"references": ["hero.png"], "out": "linked/made"},
    "price": {"references": ["{secret}"]},
    "price-folder": {"folder": "../private"},
    "price-manifest-link": {"folder": "ready"},
    "submit": {"folder": "{private}", "prompt": "@Image1", "max_cost": 100},
    "submit-link": {"folder": "ready", "prompt": "@Image1", "max_cost": 100},
}


@pytest.mark.parametrize("case", ELSEWHERE)
@pytest.mark.parametrize("mode", MODES)
def test_every_tool_keeps_to_the_roots(root: Path, secret: Path, desk: Desk, case: str, mode: str) -> None:
    (root / "linked").symlink_to(secret.parent)
    shutil.copy(root / "ready" / "manifest.json", secret.parent)
    if case == "submit-link":  # a prepared file that has become a link to the same content elsewhere
        (prepared,) = (root / "ready").glob("image1*")
        prepared.unlink()
        prepared.symlink_to(secret)
    if case == "price-manifest-link":
        (root / "ready" / "manifest.json").unlink()
        (root / "ready" / "manifest.json").symlink_to(secret.parent / "manifest.json")
    before = sorted(secret.parent.rglob("*"))

    def filled(value: Any) -> Any:
        places = {"secret": secret, "private": secret.parent}
        return [filled(one) for one in value] if isinstance(value, list) else str(value).format(**places)

    async def call() -> dict[str, Any]:
        async with connected(desk, mode) as agent:
            arguments = {name: filled(value) for name, value in ELSEWHERE[case].items()}
            return await agent.short(case.partition("-")[0], **arguments)

    answer = asyncio.run(call())
    assert not answer["ok"] and OUTSIDE in answer["text"]
    assert sorted(secret.parent.rglob("*")) == before


@pytest.mark.parametrize("place", ["{secret}", "{secret}.none", "file://{secret}", "S3://private/secret.png", ""])
@pytest.mark.parametrize("tool", ["price", "submit"])
def test_the_url_of_a_prepared_file_is_no_way_out(root: Path, secret: Path, desk: Desk, place: str, tool: str) -> None:
    """A manifest is a file like others: whoever writes it could name anything as the URL of a file."""
    manifest = root / "ready" / "manifest.json"
    document = json.loads(manifest.read_text())
    document["entries"][0]["output"] |= {"url": place.format(secret=secret), "path": None, "sha256": None}
    manifest.write_text(json.dumps(document))

    async def call() -> dict[str, Any]:
        async with connected(desk) as agent:
            arguments: dict[str, Any] = {"prompt": "@Image1", "max_cost": 100} if tool == "submit" else {}
            return await agent.short(tool, folder="ready", **arguments)

    answer = asyncio.run(call())
    assert not answer["ok"] and "not an https:// URL" in answer["text"]


@pytest.mark.parametrize("mode", MODES)
def test_roots_of_the_client(root: Path, secret: Path, tmp_path: Path, mode: str) -> None:
    spaced = tmp_path / "my média #1"
    spaced.mkdir()
    shutil.copy(root / "hero.png", spaced)

    async def call(desk: Desk, roots: list[Path] | None, reference: str) -> dict[str, Any]:
        async with connected(desk, mode, roots=roots) as agent:
            return await agent.short("check", references=[reference])

    assert asyncio.run(call(Desk(), [root], "hero.png"))["ok"]
    assert asyncio.run(call(Desk(), [tmp_path / "none", root], "hero.png"))["ok"], "the first root that has it"
    assert asyncio.run(call(Desk(), [spaced], "hero.png"))["ok"]
    assert OUTSIDE in asyncio.run(call(Desk(), [root], str(secret)))["text"]
    for nothing in (None, []):
        assert "no folder is open" in asyncio.run(call(Desk(), nothing, "hero.png"))["text"]
    limited = Desk(roots=(root,))
    assert asyncio.run(call(limited, [secret.parent], "hero.png"))["ok"]
    assert OUTSIDE in asyncio.run(call(limited, [secret.parent], str(secret)))["text"], "a client can't widen --root"
