"""A document at a URL, and `limits --live` that reads one."""

import json
from typing import Any

import pytest

from prep.errors import RemoteError, UnreadableError
from prep.net.document import MAX_BYTES, fetch_document
from prep.net.network import Network
from tests.prep.net.server import Site
from tests.published import published
from tests.types import Say


def test_it_comes_whole_with_one_request(site: Site, intranet: Network) -> None:
    site.put("/a.json", b"x" * 1_000_000)
    assert fetch_document(site.url("/a.json"), intranet) == b"x" * 1_000_000
    assert len(site.seen) == 1


def test_a_server_that_knows_no_parts(site: Site, intranet: Network) -> None:
    site.pages["/a.json"] = lambda handler: handler.answer(200, b"{}")
    assert fetch_document(site.url("/a.json"), intranet) == b"{}"


@pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES + 1])
@pytest.mark.parametrize("parts", [True, False])
def test_it_is_bounded(site: Site, intranet: Network, size: int, parts: bool) -> None:
    data = b"x" * size
    if parts:
        site.put("/a.json", data)
    else:
        site.pages["/a.json"] = lambda handler: handler.answer(200, data)
    if size > MAX_BYTES:
        with pytest.raises(UnreadableError, match="larger than the 5,000,000 bytes"):
            fetch_document(site.url("/a.json"), intranet)
    else:
        assert fetch_document(site.url("/a.json"), intranet) == data


def test_an_answer_that_breaks_off(site: Site, intranet: Network) -> None:
    def half(handler: Any) -> None:
        handler.head(200, {"Content-Length": "100", "Connection": "close"})
        handler.body(b"x" * 50)
        handler.close_connection = True

    site.pages["/a.json"] = half
    with pytest.raises(RemoteError):
        fetch_document(site.url("/a.json"), intranet)


def test_limits_live(site: Site, say: Say) -> None:
    site.put("/openapi.json", json.dumps(published()).encode(), "application/json")
    url = site.url("/openapi.json?endpoint_id=a%2Fb")
    code, out, err = say("limits", "--live", url, "--allow-private-network")
    assert (code, err) == (0, "")
    assert "no difference; " in out.splitlines()[-1]
    assert "limits agree" in out.splitlines()[-1]
    site.put("/openapi.json", json.dumps(published(image_urls={"maxItems": 30})).encode())
    code, out, _ = say("limits", "--live", url, "--allow-private-network", "--json")
    assert code == 1
    assert [one["limit"] for one in json.loads(out)["data"]["differences"]] == ["image.max_count"]


@pytest.mark.parametrize(("status", "code"), [(500, 4), (503, 4), (429, 4), (404, 2), (403, 2)])
def test_a_server_that_fails(site: Site, say: Say, status: int, code: int) -> None:
    site.pages["/openapi.json"] = lambda handler: handler.answer(status, b"no")
    said = say("limits", "--live", site.url("/openapi.json"), "--allow-private-network")
    assert said[0] == code
    assert str(status) in said[2]


def test_a_private_address_is_refused_unless_it_is_allowed(site: Site, say: Say) -> None:
    code, out, err = say("limits", "--live", site.url("/openapi.json"))
    assert (code, out) == (2, "")
    assert "--allow-private-network" in err
    assert site.seen == []
