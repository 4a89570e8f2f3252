"""Uploads to a bucket of the user's own, on a real server: the platform gets signed URLs, and nobody else does."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from prep import prepare
from prep.errors import RemoteError, UsageError
from prep.model.generation import Generation
from submit import batch, jobs, resume, run, submit
from submit.errors import NotSent
from submit.platform import SANDBOX_ACCOUNT
from submit.sandbox import Sandbox
from tests.object_stores import SECRET, Storage
from tests.submit.batches.conftest import SMALL
from tests.submit.cloud import Cloud, raising
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection
TO = "s3://media/handed/over"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The platform in memory, as a sandbox: it may be given URLs of this machine."""
    made = Cloud()
    made.account = SANDBOX_ACCOUNT
    return made


@pytest.fixture
def fresh(seaweed_env: Storage) -> Storage:
    """The server, its prefix empty."""
    from prep.net.bucket import Bucket
    from prep.net.object_url import read_prefix

    bucket = Bucket(read_prefix(TO))
    for key in seaweed_env.keys("handed"):
        bucket.delete(key)
    return seaweed_env


def _urls(cloud: Cloud) -> list[str]:
    return [url for _, body in cloud.posts for name in ("image_urls", "video_urls") for url in body.get(name, [])]


def test_the_platform_reads_what_was_prepared(fresh: Storage, media: Media, cloud: Cloud, tmp_path: Path) -> None:
    pictures = [media("photo_orient6.jpg"), media("clip_720p.mp4"), media("photo_orient6.jpg")]
    outcome = run(pictures, "@Image1 @Video1", out="out", upload_to=TO, platform=cloud)
    assert cloud.uploads == [], "nothing goes to the platform's own storage"
    urls = _urls(cloud)
    read = {httpx.get(url).content for url in urls}
    assert read == {path.read_bytes() for path in outcome.manifest.paths.values()}
    assert {httpx.get(url).headers["content-type"] for url in urls} == {"image/jpeg", "video/mp4"}
    assert len(fresh.keys("handed/over/")) == 2, "equal content is written once"
    assert all("X-Amz-Expires=604800" in url for url in urls)


def test_signed_urls_and_keys_are_written_nowhere(
    fresh: Storage, media: Media, cloud: Cloud, say: Say, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    state = tmp_path / "state"
    job = run([media("photo.jpg")], "@Image1", out="out", upload_to=TO, platform=cloud, state=state).job
    texts = [path.read_text(errors="replace") for path in (tmp_path / "out").iterdir()]
    texts += [
        text for words in (("status", job), ("jobs",)) for text in say(*words, "--json", "--state", str(state))[1:]
    ]
    assert not [
        text for text in [*texts, caplog.text] for word in ("X-Amz", SECRET, "key-of-the-tests") if word in text
    ]
    assert "/media/handed/over/" in "".join(texts), "the receipt says where"
    journal = b"".join(path.read_bytes() for path in state.iterdir() if path.is_file())
    assert SECRET.encode() not in journal


def test_what_was_not_sent_is_resumed_with_new_urls(fresh: Storage, media: Media, cloud: Cloud, tmp_path: Path) -> None:
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        run([media("photo.jpg")], "@Image1", out="out", upload_to=TO, platform=cloud, state=tmp_path / "state")
    for key in fresh.keys("handed/over/"):
        fresh.put(key, fresh.get(key))
    cloud.on_submit = lambda: None
    [job] = jobs(state=tmp_path / "state")
    resume(job.id, platform=cloud, state=tmp_path / "state")
    assert (cloud.uploads, httpx.get(_urls(cloud)[-1]).status_code) == ([], 200)


def test_a_prepared_folder_and_a_batch(fresh: Storage, media: Media, box: Sandbox, tmp_path: Path) -> None:
    prepare([media("photo.jpg")], out="ready")
    submit("ready", "@Image1", upload_to=TO, generation=Generation(**SMALL)).result()
    row = {"references": [str(media("photo.jpg"))], "generation": SMALL}
    rows = [{"id": f"take{n}", "prompt": f"@Image1 {n}", **row} for n in range(3)]
    results = list(batch(rows, out="takes", upload_to=TO, max_cost=20, poll_s=0.02))
    assert [result.state for result in results] == ["done"] * 3
    assert (len(box.ledger), len(box.objects()), len(fresh.keys("handed/over/"))) == (4, 4, 1), "only videos in the box"


def test_a_file_that_lies_under_the_hash_of_another(fresh: Storage, media: Media, cloud: Cloud) -> None:
    run([media("photo.jpg")], "@Image1", out="out", upload_to=TO, platform=cloud)
    (key,) = fresh.keys("handed/over/")
    fresh.put(key, b"something else")
    with pytest.raises(RemoteError, match="another file is there under the hash of"):
        run([media("photo.jpg")], "@Image1 again", out="out2", upload_to=TO, platform=cloud)
    assert len(cloud.posts) == 1


@pytest.mark.parametrize(
    ("to", "env", "message"),
    [
        pytest.param("https://x/y", {}, "not an address in object storage", id="no bucket"),
        pytest.param(
            TO, {}, "the platform can't read there: the endpoint in the environment is this machine", id="this machine"
        ),
        pytest.param(TO, {"AWS_ENDPOINT_URL": "http://minio.example"}, "or not https://", id="no https"),
        pytest.param(TO, {"AWS_ENDPOINT_URL": "https://localhost:1"}, "is this machine", id="https, but here"),
    ],
)
def test_where_the_platform_can_not_read(
    fresh: Storage, media: Media, to: str, env: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=message):
        run([media("photo.jpg")], "@Image1", out="out", upload_to=to, platform=cloud)
    assert (cloud.uploads, cloud.posts) == ([], [])


def test_the_command_in_the_sandbox(fresh: Storage, media: Media, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    words: tuple[Any, ...] = ("run", str(media("photo.jpg")), "--prompt", "@Image1", "--sandbox", "--yes", "--json")
    words += ("--duration", "4", "--resolution", "480p")
    code, out, err = say(*words, "--upload-to", TO)
    assert (code, len(fresh.keys("handed/over/"))) == (0, 1), err
    assert "X-Amz" not in out + err
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    code, out, err = say(*words, "--upload-to", TO, "--out", "other")
    assert (code, "the sandbox lets nothing out of this machine; leave --upload-to out" in out + err) == (2, True)


def test_two_places_to_upload_to(media: Media) -> None:
    with pytest.raises(UsageError, match="names where to upload, and so does `uploader`"):
        run([media("photo.jpg")], "@Image1", out="out", upload_to=TO, uploader=str)
