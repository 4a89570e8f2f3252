"""A job that goes on without references that can't be read: tags count the others, and names of these are refused."""

from pathlib import Path

import pytest

from prep.errors import NonCompliantError, UnreadableError
from submit import run
from tests.submit.cloud import Cloud
from tests.types import Media


@pytest.fixture
def files(media: Media, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "bad.png").write_text("no picture")
    (tmp_path / "blob").write_text("no kind")
    names = {"photo": "photo.jpg", "small": "at_limit_300.png", "clip": "silent_720p.mp4"}
    return {name: str(media(fixture)) for name, fixture in names.items()} | {
        "bad": str(tmp_path / "bad.png"),
        "blob": str(tmp_path / "blob"),
    }


@pytest.mark.parametrize(
    ("references", "prompt"),
    [
        (["{photo}", "{bad}"], "@Image1 waves"),
        (["{bad}", "hero={photo}"], "@hero waves"),
        (["{bad}", "{clip}"], "@Video1 again"),
        (["hero={bad}", "{clip}"], "as in @Video1"),
        (["{clip}", "{photo}", "{blob}"], "@Image1 as in @Video1"),
        (["{bad}", "{photo}"], "someone waves"),
        (["{bad}", "{photo}"], "@Image1 waves"),
        (["{photo}", "{bad}", "{small}"], "@image2 waves"),
        (["{blob}", "{photo}", "{clip}"], "as in @Video1"),
    ],
)
def test_sent(files: dict[str, str], cloud: Cloud, tmp_path: Path, references: list[str], prompt: str) -> None:
    named = [text.format(**files) for text in references]
    outcome = run(named, prompt, out=tmp_path / "out", platform=cloud, skip_unreadable=True)
    assert len(outcome.manifest.entries) == len(named) - 1
    assert len(cloud.posts) == 1
    assert "input-skipped" in [finding.rule for finding in outcome.findings]


@pytest.mark.parametrize(
    ("references", "prompt", "word"),
    [
        (["hero={bad}", "{photo}"], "@hero waves", "@hero"),
        (["{photo}", "{bad}"], "@Image2 waves", "@Image2"),
        (["{bad}", "{photo}", "{small}"], "@Image3 waves", "@Image3"),
    ],
)
def test_refused(
    files: dict[str, str], cloud: Cloud, tmp_path: Path, references: list[str], prompt: str, word: str
) -> None:
    named = [text.format(**files) for text in references]
    with pytest.raises(NonCompliantError) as caught:
        run(named, prompt, out=tmp_path / "out", platform=cloud, skip_unreadable=True)
    errors = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert [finding.actual for finding in errors] == [word]
    assert (cloud.uploads, cloud.posts) == ([], [])


def test_without_it_nothing_is_sent(files: dict[str, str], cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="skip_unreadable"):
        run([files["photo"], files["bad"]], "@Image1 waves", out=tmp_path / "out", platform=cloud)
    assert (cloud.uploads, cloud.posts) == ([], [])
