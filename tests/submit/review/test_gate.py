"""The gate and what it lets through: one browser, and nothing but its references and uploads."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.submit.review.conftest import Serve, Served, open_page
from tests.types import Media


@pytest.fixture(scope="module")
def served(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One page for all tests that change nothing."""
    with open_page(tmp_path_factory.mktemp("page"), media("at_limit_300.png")) as page:
        yield page


def _fresh(served: Served, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(served.browser.base_url, headers=headers)


def test_a_second_browser_is_shut_out(served: Served) -> None:
    assert served.browser.get("").status_code == 200
    assert _fresh(served).status_code == 403
    with httpx.Client(trust_env=False) as client:
        assert client.get(served.gate.link).status_code == 403, "a link works once"
        assert client.get(f"{served.gate.origin}/").status_code == 403
        assert client.get(f"{served.gate.origin}/?token=").status_code == 403, "a used token is not the empty one"
    assert "review" not in dict(httpx.get(served.gate.link, trust_env=False).cookies)


THIEF = """
import http.client, sys
host, port, path = sys.argv[1:]
connection = http.client.HTTPConnection(host, int(port), timeout=30)
connection.request("GET", path, headers={"Host": "127.0.0.1:" + port})
print(connection.getresponse().status)
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can be another user; Linux tells")
@pytest.mark.parametrize("host", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_another_user_who_has_the_link_is_shut_out(serve: Serve, host: str) -> None:
    """A link stands on the command line of the browser that it is opened in, which every user can read."""
    gate = serve().gate
    gate.renew()
    port, path = gate.origin.rpartition(":")[2], gate.link.removeprefix(gate.origin)
    command = ["/usr/bin/env", "python3", "-c", THIEF, host, port, path]
    done = subprocess.run(
        command, user=65534, cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("403\n", "")
    assert httpx.get(gate.link, trust_env=False).status_code == 303, "the link was not used up"


def test_a_new_link_lets_another_browser_in_and_the_first_one_out(serve: Serve) -> None:
    served = serve()
    link = served.gate.renew()
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        assert client.get(link).status_code == 200
    assert served.browser.get("").status_code == 403


def test_the_end_ends_what_a_page_still_reads(media: Media, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The page is open when Ctrl-C is pressed: its stream of events ends, and nothing is complained about."""
    with httpx.Client(trust_env=False, timeout=60) as page, ExitStack() as opened:
        with open_page(tmp_path, media("at_limit_300.png")) as served:
            events = opened.enter_context(
                page.stream("GET", f"{served.browser.base_url}api/events", cookies=dict(served.browser.cookies))
            )
            lines = events.raise_for_status().iter_lines()
            assert next(lines).startswith("data: ")
        assert all(line == "" or line.startswith("data: ") for line in lines)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_the_cookie_is_for_this_page_alone(serve: Serve) -> None:
    served = serve()
    with httpx.Client(trust_env=False) as client:
        cookie = client.get(served.gate.renew()).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and f"Path=/{served.gate.room}" in cookie


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", ""])
def test_other_hosts_are_refused(served: Served, host: str) -> None:
    """A name of an attacker that leads to this machine (DNS rebinding) comes with its own Host."""
    assert served.browser.get("", headers={"Host": host}).status_code in (400, 421)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1"])
def test_other_origins_are_refused(served: Served, origin: str) -> None:
    for method, path in (("GET", "api/state"), ("PUT", "api/prompt"), ("POST", "api/prepare")):
        answer = served.browser.request(method, path, json={"text": "x"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert served.browser.put("api/prompt", json={"text": "x"}).status_code == 403, "a change needs an Origin"
    assert served.browser.get("api/state", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert served.browser.get("api/state").json()["prompt"]["text"] == ""


def test_it_listens_on_loopback_alone(served: Served) -> None:
    port = int(served.gate.host.rpartition(":")[2])
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)} - {"127.0.0.1"}
    for address in own:
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((address, port)) != 0


def test_every_answer_carries_the_policies(served: Served) -> None:
    for path in ("", "api/state", "static/main.js", "nothing"):
        headers = served.browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert _fresh(served).headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    [
        "static/../app.py",
        "static/%2e%2e%2fapp.py",
        "static/..%5capp.py",
        "static//etc/passwd",
        "media/%2e%2e/source",
        "media/%2fetc%2fpasswd/source",
        "media/etc/strip",
        "jobs/%2e%2e%2f%2e%2e/video",
        "jobs/x/video",
        "%2e%2e/",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out(served: Served, path: str) -> None:
    url = f"{served.browser.base_url}{path}"
    answer = served.browser.send(served.browser.build_request("GET", httpx.URL(url)))
    assert answer.status_code in (403, 404)
    assert b"root:" not in answer.content and b"def " not in answer.content


@pytest.mark.parametrize(
    "url", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "./secret.png", "", "https:x"]
)
def test_the_page_names_no_paths(serve: Serve, url: str) -> None:
    served = serve(sandbox=False)
    answer = served.change("POST", "api/references", {"url": url})
    assert answer.status_code == 422 and "error" in answer.json()
    assert served.browser.get("api/state").json()["cards"] == []


def test_a_reference_can_not_be_turned_to_another_file(served: Served) -> None:
    (card,) = served.browser.get("api/state").json()["cards"]
    for change in ({"location": "/etc/passwd"}, {"reference": {"location": "/etc/passwd"}}, {}, {"place": "x"}):
        assert served.change("PATCH", f"api/references/{card['id']}", change).status_code == 400
    assert served.browser.get("api/state").json()["cards"][0]["path"] == card["path"]


def test_what_takes_the_place_of_a_reference_is_not_read(serve: Serve, media: Media, tmp_path: Path) -> None:
    clip, secret = tmp_path / "clip.mp4", tmp_path / "secret.mp4"
    clip.write_bytes(media("clip_720p.mp4").read_bytes())
    secret.write_bytes(media("silent_720p.mp4").read_bytes())
    served = serve(clip)
    with served.browser.stream("GET", "api/events") as events:
        for line in events.iter_lines():
            (card,) = served.browser.get("api/state").json()["cards"] if line else [{"kind": ""}]
            if card["kind"]:
                break
    assert served.browser.get(f"media/{card['id']}/source").status_code == 200
    clip.unlink()
    clip.symlink_to(secret)
    for what in ("source", "strip?count=4", "picture/before", "picture/after", "wave", "clip?start=0&end=1"):
        assert served.browser.get(f"media/{card['id']}/{what}").status_code == 422


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.png", "evil.png"),
        ("/etc/cron.d/evil.png", "evil.png"),
        ("..\\..\\evil.png", "evil.png"),
        ("..", "file"),
        ("", "file"),
        (".hidden.png", "hidden.png"),
        ("a\nb\x00c.png", "a-b-c.png"),
        ("l" * 300 + ".png", None),
    ],
)
def test_uploads_stay_in_their_folder(serve: Serve, media: Media, tmp_path: Path, name: str, kept: str | None) -> None:
    served, content = serve(), media("at_limit_300.png").read_bytes()
    answer = served.browser.post(
        "api/uploads", params={"name": name}, content=content, headers={"Origin": served.gate.origin}
    )
    assert answer.status_code == 200
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == content]
    assert len(files) == 1 and "uploads" in files[0].parts and len(os.fsencode(files[0].name)) <= 120
    assert kept is None or files[0].name == kept


def test_the_key_is_never_in_the_page(serve: Serve, media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "key-id:this-is-the-secret")
    served = serve(media("at_limit_300.png"), sandbox=False)
    pages = [served.browser.get(path).text for path in ("", "api/state", "static/main.js", "static/order.js")]
    assert not any("this-is-the-secret" in page or "key-id" in page for page in pages)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"x" * 300_000, b"[" * 100_000])
def test_bodies_that_are_no_objects(served: Served, body: bytes) -> None:
    answer = served.browser.put("api/prompt", content=body, headers={"Origin": served.gate.origin})
    assert answer.status_code in (400, 413) and json.loads(answer.content)["error"]


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("PATCH", "api/parameters", {"name": "seed", "value": "9" * 5000}),
        ("PATCH", "api/parameters", {"name": "seed", "value": "\u00b2"}),
        ("PATCH", "api/parameters", {"name": "duration", "value": "9" * 5000}),
        ("PATCH", "api/options", {"name": "seconds", "value": "1e999"}),
        ("PATCH", "api/references/0", {"crop": [10**400, 0, 1, 1]}),
        ("PATCH", "api/references/0", {"start": "9" * 5000, "end": "1", "last": "start", "length_s": 10**400}),
    ],
    ids=["long seed", "superscript", "long duration", "endless", "crop", "time"],
)
def test_values_that_are_none(served: Served, method: str, path: str, fields: dict[str, Any]) -> None:
    """Each is an answer; none is a traceback in the terminal."""
    card = served.browser.get("api/state").json()["cards"][0]["id"]
    answer = served.change(method, path.replace("/0", f"/{card}"), fields)
    assert answer.status_code in (400, 422) and answer.json()["error"]
