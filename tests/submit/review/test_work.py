"""The way from a draft to the video over the API, against the sandbox: nothing is paid unasked, and nothing is lost."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.model.reference import Part
from submit.journal import Journal
from submit.sandbox import Sandbox
from tests.submit.review.conftest import Serve, Served, State, until
from tests.types import Media

Start = Callable[..., Sandbox]


def _stage(*stages: str) -> Callable[[State], bool]:
    return lambda state: state["work"]["stage"] in stages


def _change(served: Served, method: str, path: str, body: Any = None) -> State:
    answer = served.change(method, path, body)
    assert answer.status_code == 200, answer.text
    state: State = answer.json()
    return state


def _prepared(served: Served, prompt: str = "@Image1 waves") -> State:
    _change(served, "PUT", "api/prompt", {"text": prompt})
    until(served, lambda state: state["work"]["can_prepare"])
    _change(served, "POST", "api/prepare")
    return until(served, _stage("prepared", "failed"))


def test_the_video_is_paid_for_once_at_the_price_that_was_shown(
    serve: Serve, media: Media, box: Sandbox, tmp_path: Path
) -> None:
    served = serve(media("photo.heic"), media("clip_720p.mp4"))
    state = _prepared(served, "@Image1 moves like @Video1")
    assert state["work"]["can_submit"] and box.requests() == ()
    assert served.change("POST", "api/submit", {"offer": "0" * 64}).status_code == 422
    assert served.change("POST", "api/submit", {}).status_code == 422
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    done = until(served, _stage("done", "failed"))
    assert done["work"]["error"] == "" and len(box.requests()) == 1
    job = done["work"]["video"]
    whole = served.browser.get(f"jobs/{job}/video")
    part = served.browser.get(f"jobs/{job}/video", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp") and whole.status_code == 200
    assert done["price"]["again"] and done["price"]["button"] == "Make another in the sandbox"
    assert [(one["id"], one["state"], one["current"]) for one in done["jobs"]] == [(job, "downloaded", True)]

    # a link in the place of the video is not followed
    video = tmp_path / "out" / f"result-{job}.mp4"
    video.rename(tmp_path / "kept.mp4")
    video.symlink_to(tmp_path / "kept.mp4")
    assert served.browser.get(f"jobs/{job}/video").status_code == 404
    video.unlink()
    (tmp_path / "kept.mp4").rename(video)

    # the same once more only when asked for
    _change(served, "POST", "api/submit", {"offer": done["price"]["offer"]})
    assert until(served, _stage("done", "failed"))["work"]["video"] == job and len(box.requests()) == 1
    _change(served, "POST", "api/submit", {"offer": done["price"]["offer"], "again": True})
    again = until(served, lambda state: _stage("done", "failed")(state) and state["work"]["video"] != job)
    assert again["work"]["stage"] == "done" and len(box.requests()) == 2


def test_what_has_changed_since_it_was_shown_is_not_submitted(serve: Serve, media: Media, box: Sandbox) -> None:
    """As a second tab, or a question that was left open, would."""
    served = serve(media("photo.heic"))
    state = _prepared(served)
    for path, body in (
        ("api/prompt", {"text": "@Image1 sleeps"}),
        ("api/parameters", {"name": "seed", "value": "7"}),
        ("api/parameters", {"name": "resolution", "value": "480p"}),
    ):
        changed = _change(served, "PUT" if path == "api/prompt" else "PATCH", path, body)
        assert changed["work"]["can_submit"]
        answer = served.change("POST", "api/submit", {"offer": state["price"]["offer"]})
        assert answer.status_code == 422 and "have changed" in answer.json()["error"]
        state = changed
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    until(served, _stage("done", "failed"))
    (request,) = box.requests()
    assert (request.body["prompt"], request.body["seed"]) == ("@Image1 sleeps", 7)


def test_names_are_those_that_the_page_shows(serve: Serve, media: Media, box: Sandbox) -> None:
    """They may change after the files were made, and the manifest of these has the earlier ones."""
    served = serve(f"hero={media('photo.heic')}", f"dog={media('at_limit_300.png')}")
    state = _prepared(served, "@hero waves")
    hero, dog = state["cards"]
    for card, name in ((hero, "other"), (dog, "hero"), (hero, "dog")):
        _change(served, "PATCH", f"api/references/{card['id']}", {"name": name})
    state = _change(served, "PUT", "api/prompt", {"text": "@hero waves"})
    assert (state["prompt"]["sent"], state["work"]["can_submit"]) == ("@Image2 waves", True)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    assert until(served, _stage("done", "failed"))["work"]["error"] == ""
    assert [request.body["prompt"] for request in box.requests()] == ["@Image2 waves"]


def test_files_that_another_command_put_there_are_not_submitted(serve: Serve, media: Media, box: Sandbox) -> None:
    served, other = serve(media("photo.heic")), serve(media("at_limit_300.png"))
    state = _prepared(served)
    _prepared(other)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    failed = until(served, _stage("done", "failed"))
    assert "another command put other files there" in failed["work"]["error"] and box.requests() == ()
    assert failed["work"]["can_prepare"] and not failed["work"]["can_submit"]


def test_a_refused_job_is_not_done_when_another_one_is(start: Start, serve: Serve, media: Media) -> None:
    """To submit it once more finds it, as `run` would; only another video of a job that is done is paid for again."""
    start(faults="policy-refusal:1")
    served, other = serve(media("photo.heic")), serve(media("photo.heic"))
    for page, prompt in ((served, "@Image1 waves"), (other, "@Image1 sleeps")):
        _change(page, "POST", "api/submit", {"offer": _prepared(page, prompt)["price"]["offer"]})
        ended = until(page, _stage("failed", "done"))
    assert served.browser.get("api/state").json()["work"]["stage"] == "failed"
    _change(served, "POST", f"api/jobs/{ended['work']['video']}/fetch")
    fetched = until(served, _stage("failed", "done"))
    assert (fetched["work"]["stage"], fetched["price"]["again"]) == ("done", False)


def test_a_change_takes_the_prepared_files_back(serve: Serve, media: Media, box: Sandbox) -> None:
    served = serve(media("photo.heic"))
    state = _prepared(served)
    (card,) = state["cards"]
    changed = _change(served, "PATCH", f"api/references/{card['id']}", {"crop": [0, 0, 50, 100]})
    assert not changed["work"]["can_submit"]
    assert changed["work"]["title"] == "Changed since it was prepared"
    assert served.change("POST", "api/submit", {"offer": state["price"]["offer"]}).status_code == 422
    back = _change(served, "PATCH", f"api/references/{card['id']}", {"crop": None})
    assert back["work"]["prepared"] is False or back["settled"]
    renamed = until(served, lambda state: state["settled"])
    assert renamed["work"]["can_submit"] or renamed["work"]["can_prepare"]


def test_preparing_can_be_cancelled(serve: Serve, media: Media, tmp_path: Path) -> None:
    served = serve(media("phone_4k60_hevc.mov"))
    until(served, lambda state: state["work"]["can_prepare"])
    assert _change(served, "POST", "api/prepare")["work"]["stage"] == "preparing"
    assert served.change("POST", "api/prepare").status_code == 422, "one thing at a time"
    _change(served, "POST", "api/cancel")
    state = until(served, _stage("cancelled", "prepared"))
    assert state["work"]["stage"] == "cancelled" and state["work"]["can_prepare"]
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_job_whose_page_was_closed_is_found_again(start: Start, serve: Serve, media: Media, tmp_path: Path) -> None:
    box = start(queue_s=1.0)
    served = serve(media("photo.heic"))
    state = _prepared(served)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    until(served, lambda state: state["work"]["stage"] == "waiting" and state["work"]["job"])
    served.session.work.close()  # as the end of the command does
    (record,) = Journal(tmp_path / "state").jobs()
    assert record.state == "submitted"

    other = serve(media("photo.heic"))
    (job,) = other.browser.get("api/state").json()["jobs"]
    assert job["id"] == record.id and job["fetchable"]
    _change(other, "POST", f"api/jobs/{job['id']}/fetch")
    done = until(other, _stage("done", "failed"))
    assert done["work"]["video"] == record.id and len(box.requests()) == 1
    assert served.browser.get(f"jobs/{record.id}/video").status_code == 200


def test_a_job_can_be_cancelled_while_it_waits(start: Start, serve: Serve, media: Media) -> None:
    start(queue_s=60.0)
    served = serve(media("photo.heic"))
    state = _prepared(served)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    waiting = until(served, lambda state: state["work"]["position"] is not None)
    assert waiting["work"]["doing"].startswith("in the queue")
    _change(served, "POST", "api/cancel")
    ended = until(served, _stage("cancelled", "failed", "done"))
    assert ended["work"]["stage"] == "cancelled" and ended["jobs"][0]["state"] == "cancelled"


def test_only_an_id_names_a_job(
    serve: Serve, media: Media, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with a receipt is another name of its job, but not for the page, which names no paths."""
    served = serve(media("photo.heic"))
    state = _prepared(served)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    job = until(served, _stage("done", "failed"))["work"]["video"]
    monkeypatch.chdir(tmp_path / "state")
    (tmp_path / "state" / "elsewhere").mkdir()
    shutil.copy(tmp_path / "out" / "receipt.json", tmp_path / "state" / "elsewhere")
    for name in ("elsewhere", "%2E%2E", job[:4], f"{job}0"):
        answer = served.change("POST", f"api/jobs/{name}/fetch")
        assert answer.status_code == 422 and "no job in the journal has this id" in answer.json()["error"]
    _change(served, "POST", f"api/jobs/{job}/fetch")
    assert until(served, _stage("done", "failed"))["work"]["video"] == job


def test_a_refusal_is_shown_in_the_words_of_the_command(start: Start, serve: Serve, media: Media) -> None:
    start(faults="policy-refusal:1")
    served = serve(media("photo.heic"))
    state = _prepared(served)
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    failed = until(served, _stage("failed", "done"))
    assert failed["work"]["stage"] == "failed" and failed["work"]["error"]
    assert failed["work"]["can_submit"], "it can be tried again"


def test_without_a_key_nothing_is_sent(serve: Serve, media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    served = serve(media("photo.heic"), sandbox=False)
    state = _prepared(served)
    assert state["price"]["button"] == f"Submit for {state['price']['text']}"
    assert state["price"]["question"] == f"Pay {state['price']['text']}?"
    _change(served, "POST", "api/submit", {"offer": state["price"]["offer"]})
    failed = until(served, _stage("failed", "done"))
    assert failed["work"]["stage"] == "failed" and "FAL_KEY" in failed["work"]["error"]


def test_the_plan_follows_at_once_and_is_looked_into_after(serve: Serve, media: Media) -> None:
    served = serve(media("clip_1080p_20s.mp4"))
    state = until(served, lambda state: state["settled"])
    (card,) = state["cards"]
    changed = _change(served, "PATCH", f"api/references/{card['id']}", {"start": "2", "end": "0:05"})
    (card,) = changed["cards"]
    assert (card["time"]["start_s"], card["time"]["end_s"], card["time"]["asked"]) == (2.0, 5.0, True)
    assert not changed["settled"] and changed["price"]["text"] != state["price"]["text"]
    assert served.session.board.position().draft.cards[0].reference.part == Part(start_s=2, end_s=5)
    refused = served.change("PATCH", f"api/references/{card['id']}", {"start": "30", "end": "40"})
    assert refused.status_code == 422 and "starts after the end" in refused.json()["error"]
    assert until(served, lambda state: state["settled"])["cards"][0]["time"]["start_s"] == 2.0


def test_what_can_not_be_read_stands_in_its_own_card(serve: Serve, media: Media, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no media at all")
    served = serve(media("photo.heic"), tmp_path / "broken.mp4", tmp_path / "missing.png")
    state = until(served, lambda state: all(card["kind"] or card["error"] for card in state["cards"]))
    good, broken, missing = state["cards"]
    assert good["tag"] == "@Image1" and "broken.mp4" in broken["error"] and "missing.png" in missing["error"]
    assert state["verdict"]["title"] == "2 files can't be read" and not state["work"]["can_prepare"]
    for card in (broken, missing):
        _change(served, "DELETE", f"api/references/{card['id']}")
    assert until(served, lambda state: state["work"]["can_prepare"])


def test_an_upload_is_a_reference(serve: Serve, media: Media, tmp_path: Path) -> None:
    served = serve()
    assert served.browser.get("api/state").json()["verdict"]["state"] == "empty"
    headers = {"Origin": served.gate.origin}
    content = media("photo.heic").read_bytes()
    served.browser.post("api/uploads", params={"name": "IMG_1.HEIC"}, content=content, headers=headers)
    state = until(served, lambda state: state["work"]["can_prepare"])
    (card,) = state["cards"]
    assert (card["label"], card["path"], card["uploaded"]) == ("IMG_1.HEIC", "", True)
    assert "IMG_1.HEIC" in state["command"] and str(tmp_path) not in state["command"].partition("--out")[0]
    _change(served, "DELETE", f"api/references/{card['id']}")
    assert list((tmp_path / "root").rglob("IMG_1.HEIC")) == []


def test_half_a_character_is_refused(serve: Serve, media: Media) -> None:
    served = serve(media("photo.heic"))
    card = until(served, lambda state: state["settled"])["cards"][0]["id"]
    for method, path, body in (
        ("PUT", "api/prompt", '{"text": "\\ud83d walks"}'),
        ("PATCH", "api/parameters", '{"name": "end_user_id", "value": "\\udcff"}'),
        ("PATCH", f"api/references/{card}", '{"name": "\\ud83d"}'),
    ):
        headers = {"Origin": served.gate.origin}
        answer = served.browser.request(method, path, content=body, headers=headers)
        assert answer.status_code == 422 and "half of a character" in answer.json()["error"]
    assert served.browser.get("api/state").json()["prompt"]["text"] == ""


def test_a_folder_stands_for_the_media_in_it(serve: Serve) -> None:
    """The page sends the names in a dropped folder; those that the command would take come back, in its order."""
    served = serve()
    files = ["IMG_10.jpg", "IMG_9.HEIC", "IMG_9.MOV", "IMG_9.AAE", "notes.txt", ".DS_Store"]
    state = _change(served, "POST", "api/folders", {"name": "trip", "files": files, "folders": ["more.jpg"]})
    assert state["media"] == ["IMG_9.HEIC", "IMG_10.jpg"]
    (note,) = state["notes"]
    assert note["message"].startswith("trip: skipped 1 system file (.DS_Store), 1 sidecar (IMG_9.AAE), 1 Live Photo")
    assert "1 folder (more.jpg), 1 other file (notes.txt)" in note["message"]
    empty = served.change("POST", "api/folders", {"name": "trip", "files": ["notes.txt"], "folders": []})
    assert empty.status_code == 422 and "no image, video or sound in this folder" in empty.json()["error"]
    assert served.change("POST", "api/folders", {"name": "trip", "files": [1], "folders": []}).status_code == 400


def test_a_folder_of_the_command_line_says_what_it_skips(serve: Serve, media: Media, tmp_path: Path) -> None:
    folder = tmp_path / "trip"
    folder.mkdir()
    (folder / "a.heic").write_bytes(media("photo.heic").read_bytes())
    (folder / "notes.txt").touch()
    (note,) = until(serve(folder), lambda state: state["settled"])["notes"]
    assert "skipped 1 other file (notes.txt)" in note["message"]


def test_what_is_wrong_with_a_dropped_file_does_not_tell_where_it_lies(serve: Serve) -> None:
    served = serve()
    headers = {"Origin": served.gate.origin}
    served.browser.post("api/uploads", params={"name": "notes.txt"}, content=b"no media", headers=headers)
    state = until(served, lambda state: state["cards"][0]["error"])
    assert state["cards"][0]["error"].startswith("notes.txt: its content is not an image")


def test_a_count_over_its_limit_is_a_phrase(serve: Serve, media: Media) -> None:
    served = serve(*[media("clip_720p.mp4")] * 4)
    state = until(served, lambda state: all(card["kind"] for card in state["cards"]))
    counts = {budget["words"]: budget["state"] for budget in state["budgets"] if not budget["segments"]}
    assert counts == {"4 of 12 references": "fine", "4 of 3 videos, 1 over": "error"}
