"""Files with hostile names, places and kinds: none is destroyed, none is followed, none hangs a command."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import unquote

import pytest

from prep import prepare
from prep.errors import UsageError
from tests.types import Media, Say

pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")]
ROOT = Path(__file__).parents[2]
LEFTOVER = f".making-{'0' * 32}"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "name", ["manifest.json.part", "receipt.json.part", ".manifest.json.part", ".claim.png", LEFTOVER, "image2-a.png"]
)
def test_a_reference_in_the_output_folder_stays(media: Media, tmp_path: Path, name: str) -> None:
    reference = tmp_path / name
    reference.write_bytes(media("small_200.png").read_bytes())
    before = _hash(reference)
    prepare([reference], out=tmp_path)
    assert _hash(reference) == before


def test_a_reference_with_the_name_of_the_lock_stays(media: Media, tmp_path: Path) -> None:
    reference = tmp_path / ".claim"
    reference.write_bytes(media("small_200.png").read_bytes())
    before = _hash(reference)
    with pytest.raises(UsageError, match=r"\.claim: a file of yours where a lock file goes"):
        prepare([reference], out=tmp_path)
    assert _hash(reference) == before and os.listdir(tmp_path) == [".claim"]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("manifest.json.part", ""),
        ("image1-small_200.png", "would be replaced"),
        ("manifest.json", "not a manifest of prep-and-submit"),
        (".claim", "a link where a lock file goes"),
    ],
)
def test_no_link_is_followed(media: Media, tmp_path: Path, name: str, refusal: str) -> None:
    victim, out = tmp_path / "victim", tmp_path / "out"
    victim.write_text("")  # as empty as a lock file
    out.mkdir()
    (out / name).symlink_to(victim)
    with pytest.raises(UsageError, match=refusal) if refusal else nullcontext():
        prepare([media("small_200.png")], out=out)
    assert victim.read_text() == "" and victim.is_file()


@pytest.mark.parametrize("link", [os.link, os.symlink], ids=["hard", "symbolic"])
def test_no_output_replaces_another_name_of_a_source(media: Media, tmp_path: Path, link: object) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(media("small_200.png").read_bytes())
    out = tmp_path / "out"
    out.mkdir()
    assert callable(link)
    link(source, out / "image1-a.png")
    with pytest.raises(UsageError, match="is one of the references and would be replaced"):
        prepare([source], out=out)
    assert (out / "image1-a.png").samefile(source)


def test_what_a_killed_process_left_goes_but_no_folder_with_a_source(media: Media, tmp_path: Path) -> None:
    for digit in "12":
        (tmp_path / f".making-{digit * 32}").mkdir()
    (tmp_path / f".making-{'3' * 32}").write_text("{")
    (tmp_path / ".making-mine").mkdir()
    reference = tmp_path / f".making-{'1' * 32}" / "a.png"
    reference.write_bytes(media("small_200.png").read_bytes())
    prepare([reference], out=tmp_path)
    assert sorted(os.listdir(tmp_path)) == [f".making-{'1' * 32}", ".making-mine", "image1-a.png", "manifest.json"]


def _special(folder: Path, kind: str) -> str:
    path = folder / "special"
    if kind == "fifo":
        os.mkfifo(path)
        return str(path)
    if kind.startswith("/"):
        path.symlink_to(kind)
        return str(path)
    path.write_text({"deep list": "[" * 200_000, "deep object": '{"a":' * 200_000}[kind])
    return str(path)


@pytest.mark.parametrize("kind", ["fifo", "/dev/zero", "/dev/full", "/proc/self/mem", "deep list", "deep object"])
@pytest.mark.parametrize(
    "command",
    [
        ("check", "--from-job", "SPECIAL"),
        ("check", "IMAGE", "--spec", "SPECIAL"),
        ("check", "IMAGE", "--report", "SPECIAL"),
        ("prep", "--plan", "SPECIAL", "--out", "out"),
        ("limits", "--live", "SPECIAL"),
        ("submit", "MANIFEST", "--prompt", "x", "--sandbox", "--yes"),
        ("prep", "IMAGE", "--out", "MANIFEST"),
        ("resume", "RECEIPT"),
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_one_sentence(say: Say, media: Media, tmp_path: Path, command: tuple[str, ...], kind: str) -> None:
    special = _special(tmp_path, kind)
    for name in ("manifest", "receipt"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.json").symlink_to(special)
    words = {"SPECIAL": special, "IMAGE": str(media("at_limit_300.png")), "out": str(tmp_path / "out")}
    words |= {"MANIFEST": str(tmp_path / "manifest"), "RECEIPT": str(tmp_path / "receipt")}
    code, out, err = say(*(words.get(word, word) for word in command))
    assert (code, out) == (2, "")
    assert err.startswith("prep-and-submit: ") and err.count("\n") == 1 and "bug" not in err


def test_a_prepared_file_that_is_a_pipe(say: Say, media: Media, tmp_path: Path) -> None:
    manifest = prepare([media("at_limit_300.png")], out=tmp_path)
    made = tmp_path / str(manifest.entries[0].output.path)
    made.unlink()
    os.mkfifo(made)
    code, _, err = say("submit", str(tmp_path), "--prompt", "x", "--sandbox", "--yes")
    assert code == 2 and f"{made}: a named pipe" in err


def test_a_plan_for_a_file_beyond_the_limits(say: Say, media: Media, tmp_path: Path) -> None:
    _, out, _ = say("plan", str(media("small_200.png")), "--json")
    document = json.loads(out)
    entry = document["data"]["entries"][0]
    step = next(step for step in entry["steps"] if step["kind"] == "scale")
    step |= {"width": 400_000, "height": 300_000}
    entry["predicted"] |= {"width": 400_000, "height": 300_000}
    (tmp_path / "plan.json").write_text(json.dumps(document))
    code, _, err = say("prep", "--plan", str(tmp_path / "plan.json"), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "invalid plan: entries.0.predicted: image-side-too-long: " in err and "400,000 px" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("limits",), 0),
        (("check", "at_limit_300.png"), 0),
        (("check", "small_200.png"), 1),
        (("check", "missing.png"), 2),
    ],
    ids=["limits", "fine", "findings", "missing"],
)
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(media: Media, tmp_path: Path, words: tuple[str, ...], code: int, closed: str) -> None:
    names = [str(media(word)) if word in ("at_limit_300.png", "small_200.png") else word for word in words]
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "submit.command", *names],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == code and result.stdout == b"" and b"Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy"])
def test_a_socks_proxy(say: Say, media: Media, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    monkeypatch.setenv("FAL_KEY", "key")
    monkeypatch.chdir(tmp_path)
    code, out, err = say(
        "run", str(media("at_limit_300.png")), "--prompt", "x", "--yes", "--out", str(tmp_path / "out")
    )
    assert (code, out) == (2, "") and not (tmp_path / "out").exists()
    assert err.startswith(f"prep-and-submit: {name.upper()} names a socks5 proxy, which can't be used; unset it")
    code, _, err = say("check", "https://a.example/a.png", "--allow-private-network")
    assert code == 2 and "the environment names a socks5 proxy" in err


def test_a_proxy_without_an_address(say: Say, media: Media, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://[::1")
    monkeypatch.setenv("FAL_KEY", "key")
    picture, out = str(media("at_limit_300.png")), str(tmp_path / "out")
    code, _, err = say("run", picture, "--prompt", "x", "--yes", "--out", out)
    assert (code, err) == (2, "prep-and-submit: HTTPS_PROXY names no address; unset it, or name an HTTP proxy\n")


@pytest.mark.parametrize("form", [("--json",), ("--format", "sarif"), ("--format", "jsonl", "-r")], ids=" ".join)
def test_a_name_moves_no_terminal_by_its_json(say: Say, media: Media, tmp_path: Path, form: tuple[str, ...]) -> None:
    """C1 codes are escapes to some terminals, and U+202E shows exe.png as gnp.exe."""
    name = "ä\x9b2J\u202egnp\u2028\x7f.png"
    (tmp_path / name).write_bytes(media("small_200.png").read_bytes())
    _, output, _ = say("check", str(tmp_path if "-r" in form else tmp_path / name), *form)
    assert all(char == "\n" or char.isprintable() for char in output)
    documents = [json.loads(part) for part in (output.splitlines() if "jsonl" in form else [output])]
    assert any(name in unquote(text) for text in _strings(documents))


@pytest.mark.parametrize("recursive", [(), ("-r",)], ids=["folder", "recursive"])
def test_a_link_that_leads_in_a_ring(say: Say, media: Media, tmp_path: Path, recursive: tuple[str, ...]) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    (folder / "whole.png").write_bytes(media("at_limit_300.png").read_bytes())
    (folder / "loop.jpg").symlink_to("loop.jpg")
    code, out, err = say("check", "n", *recursive)
    assert code == 2 and "loop.jpg" in out + err and "bug" not in err
    assert ("2 files: 0 with errors, 1 unreadable, 1 without errors" if recursive else "whole.png") in out


@pytest.mark.parametrize("text", ["5", "[" * 200_000, "{}", "null"], ids=["number", "deep", "object", "null"])
def test_what_is_left_of_a_run_is_odd(media: Media, tmp_path: Path, text: str) -> None:
    left = tmp_path / LEFTOVER
    left.mkdir()
    (left / "names.json").write_text(text)
    assert prepare([media("at_limit_300.png")], out=tmp_path).entries


@pytest.mark.parametrize(
    "fields", [{"prompt": "\ud800 @Image1"}, {"references": ["\ud800.jpg"]}, {"generation": {"end_user_id": "\udfff"}}]
)
def test_half_characters_in_a_job(say: Say, media: Media, tmp_path: Path, fields: dict[str, object]) -> None:
    job = {"references": [str(media("at_limit_300.png"))], "prompt": "@Image1 waves"} | fields
    (tmp_path / "job.json").write_text(json.dumps(job))
    code, _, err = say("run", "--from-job", "job.json", "--sandbox")
    assert code == 2 and "half of a character" in err
    rows = [{"id": "good", **job, "prompt": "@Image1", "references": ["x.jpg"], "generation": {}}, {"id": "odd", **job}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = say("batch", "rows.jsonl", "--out", "takes", "--dry-run")
    assert code == 2 and "row 2" in out + err and "half of a character" in out + err


def test_half_a_character_in_a_prompt_to_review(say: Say, media: Media) -> None:
    picture = str(media("at_limit_300.png"))
    code, _, err = say("review", picture, "--prompt", "@Image1 \udcff", "--sandbox", "--no-browser")
    assert code == 2 and "the prompt holds half of a character" in err


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(part)


def test_a_folder_that_can_not_be_looked_into(
    media: Media, tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may look everywhere, except where the system itself says no."""

    real = Path.exists

    def exists(path: Path, **options: bool) -> bool:
        if "closed" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **options)

    monkeypatch.setattr(Path, "exists", exists)
    code, _, err = say("prep", str(media("small_200.png")), "--out", str(tmp_path / "closed" / "out"))
    assert code == 2 and "can't be made: Permission denied; choose another folder" in err
