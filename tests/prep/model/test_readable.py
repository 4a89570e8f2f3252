"""Reports, plans and manifests as people see them: printed, and in a notebook."""

from pathlib import Path

import pytest

from prep import check, plan, prepare, read_manifest
from prep.errors import UsageError
from tests.types import Media, Say


@pytest.fixture
def odd(media: Media, tmp_path: Path) -> Path:
    """A picture that has to be re-made, with a name that HTML would take for a tag."""
    path = tmp_path / "<b>photo.jpg"
    path.write_bytes(media("photo_orient6.jpg").read_bytes())
    return path


def test_print_shows_what_the_command_prints(odd: Path, tmp_path: Path, say: Say) -> None:
    name = str(odd)
    code, text, _ = say("plan", name)
    assert code == 0
    assert text.startswith(f"{plan(odd)}\n")
    assert say("check", name)[1].startswith(f"{check(odd)}\n")
    made = str(prepare(odd, out="ready"))
    assert made.endswith(f"1 re-made, in {tmp_path / 'ready'}/")
    assert "OK after prep: the reference will be re-made" in text and "- encode as JPEG" in made


def test_a_notebook_shows_the_same_as_safe_html(odd: Path) -> None:
    for value in (check(odd), plan(odd), prepare(odd, out="ready")):
        html = value._repr_html_()
        conclusion = str(value).partition("\n")[0]
        assert html.startswith("<pre ") and f"<strong>{conclusion}</strong>" in html
        assert "&lt;b&gt;photo.jpg" in html and "<b>" not in html
        assert "\n".join(str(value).split("\n")[1:3]) in html


def test_repr_shows_the_fields(odd: Path) -> None:
    assert repr(plan(odd)).startswith("Plan(endpoint='bytedance/")


def test_paths_are_absolute(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = prepare([media("photo_orient6.jpg"), media("clip_720p.mp4")], out="ready")
    assert manifest.folder == tmp_path / "ready"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert list(manifest.paths) == ["@Image1", "@Video1"]
    assert all(path.is_absolute() and path.is_file() for path in manifest.paths.values())


def test_the_folder_is_no_part_of_the_json(media: Media, tmp_path: Path, say: Say) -> None:
    manifest = prepare(media("photo_orient6.jpg"), out="ready")
    (tmp_path / "ready").rename(tmp_path / "moved")
    moved = read_manifest("moved")
    assert (moved.folder, moved.paths["@Image1"].is_file()) == (tmp_path / "moved", True)
    assert moved == manifest.model_copy(update={"folder": tmp_path / "moved"})
    back = type(manifest).model_validate_json(manifest.model_dump_json())
    assert (back.folder, back.paths) == (None, {})
    assert str(back).endswith("1 re-made")
    with pytest.raises(UsageError, match=r"^ready: no such folder"):
        read_manifest("ready")
