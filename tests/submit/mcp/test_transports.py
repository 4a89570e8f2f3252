"""Both transports: what goes over them, who is let in, and how they end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import util
from pathlib import Path
from typing import IO, Any

import httpx
import httpx2
import pytest
from mcp.client.streamable_http import streamable_http_client

from submit.mcp.desk import Desk
from submit.mcp.http import Address, serving_http
from submit.sandbox import Sandbox
from tests.submit.mcp.agent import COMMAND, MODES, YES, Person, connected
from tests.submit.mcp.conftest import PROMPT, WISHES
from tests.types import Media

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def served(desk: Desk) -> Iterator[Address]:
    with serving_http(desk) as address:
        yield address


@pytest.mark.parametrize("mode", MODES)
def test_http_with_the_token(paying: Sandbox, served: Address, root: Path, mode: str) -> None:
    person = Person(YES)

    async def talk() -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {served.token}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as http:
            transport = streamable_http_client(served.url, http_client=http)
            async with connected(transport, mode, person) as agent:
                assert (await agent.short("check", references=["hero.png"]))["ok"]
                job = {"folder": "ready", "prompt": PROMPT, "generation": WISHES, "max_cost": 100}
                return await agent.short("submit", **job)

    assert asyncio.run(talk())["ok"]
    assert len(person.questions) == len(paying.requests()) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer {token}"}, 200),
        ({}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer {token}x"}, 401),
        ({"Authorization": "{token}"}, 401),
        ({"Authorization": "Bearer {token}", "Host": "evil.example"}, 421),
        ({"Authorization": "Bearer {token}", "Host": "localhost"}, 421),
        ({"Authorization": "Bearer {token}", "Origin": "http://evil.example"}, 403),
    ],
    ids=["right", "none", "empty", "longer", "bare", "host", "localhost", "origin"],
)
def test_http_lets_in_only_those_with_the_token(served: Address, headers: dict[str, str], status: int) -> None:
    filled = {name: value.format(token=served.token) for name, value in headers.items()}
    answer = httpx.post(served.url, json=HELLO, headers=ACCEPT | filled, trust_env=False)
    assert answer.status_code == status
    assert ("serverInfo" in answer.text) == (status == 200)


def test_each_run_has_a_token_of_its_own(desk: Desk) -> None:
    with serving_http(desk) as one, serving_http(desk) as other:
        assert one.token != other.token and one.url != other.url
        headers = ACCEPT | {"Authorization": f"Bearer {one.token}"}
        assert httpx.post(other.url, json=HELLO, headers=headers, trust_env=False).status_code == 401
    with pytest.raises(httpx.ConnectError):
        httpx.post(one.url, json=HELLO, trust_env=False)


def _started(*arguments: str | Path, stderr: IO[bytes] | int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    command = [sys.executable, *COMMAND, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=os.environ)


def _say(process: "subprocess.Popen[bytes]", **message: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()


def _heard(process: "subprocess.Popen[bytes]") -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.skipif(os.name == "nt", reason="signals are other there")
@pytest.mark.parametrize("how", ["eof", signal.SIGTERM, signal.SIGINT], ids=["eof", "sigterm", "sigint"])
def test_the_end_in_the_middle_of_a_call(root: Path, media: Media, how: Any) -> None:
    """Only messages are on stdout; work that runs is stopped, and nothing half-made stays."""
    (root / "long.mp4").write_bytes(media("clip_1080p_20s.mp4").read_bytes())
    with _started("--root", root) as process, closing(process.stdin) as stdin:
        _say(process, **{key: HELLO[key] for key in ("id", "method", "params")})
        assert _heard(process)["result"]["serverInfo"]["name"] == "prep-and-submit"
        _say(process, method="notifications/initialized")
        arguments = {"references": ["long.mp4"], "out": "made"}
        params = {"name": "prep", "arguments": arguments, "_meta": {"progressToken": 1}}
        _say(process, id=2, method="tools/call", params=params)
        while "prepare" not in _heard(process)["params"]["message"]:
            pass
        if how == "eof":
            stdin.close()
        else:
            process.send_signal(how)
        assert process.stdout is not None
        rest = [json.loads(line) for line in process.stdout]
        assert process.wait(60) == 0
    assert all(message["jsonrpc"] == "2.0" for message in rest)
    assert sorted(path.name for path in root.iterdir()) == ["hero.png", "long.mp4", "ready"]


@pytest.mark.skipif(os.name == "nt", reason="signals are other there")
def test_a_signal_while_nobody_reads_the_answers(root: Path) -> None:
    with _started("--root", root) as process:
        _say(process, **{key: HELLO[key] for key in ("id", "method", "params")})
        _heard(process)
        _say(process, method="notifications/initialized")
        for number in range(30):  # more answers than pipes hold, and no more requests than they hold
            _say(process, id=number + 2, method="tools/list", params={"_meta": {"padding": "x" * 4_000}})
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        answers = [first, *process.stdout]
    assert len(answers) < 30 and json.loads(first)["result"]["tools"]


@pytest.mark.skipif(os.name == "nt", reason="pipes are other there")
def test_a_client_that_goes_before_its_answers(root: Path) -> None:
    with _started("--root", root, stderr=subprocess.PIPE) as process:
        _say(process, **{key: HELLO[key] for key in ("id", "method", "params")})
        _heard(process)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        _say(process, id=2, method="tools/list", params={})
        assert process.wait(60) == 0 and process.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="signals are other there")
def test_the_command_serves_http_until_a_signal(root: Path) -> None:
    with _started("--root", root, "--http", stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1].decode()
        token = process.stderr.readline().split()[-1].decode()
        headers = ACCEPT | {"Authorization": f"Bearer {token}"}
        assert httpx.post(url, json=HELLO, headers=headers, trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--port", "8765"), "--port needs --http"),
        (("--root", "none"), "does not exist"),
        (("--allow-spend", "much"), "not an amount in US dollars"),
        (("--faults", "429"), "--faults needs --sandbox"),
    ],
    ids=["port", "root", "allowance", "faults"],
)
def test_wrong_usage(say: Any, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = say("mcp", *arguments)
    assert code == 2 and says in " ".join(err.split())


@pytest.mark.parametrize(
    ("version", "kinds"),
    [("2024-11-05", ["text"]), ("2025-03-26", ["text"]), ("2025-06-18", ["text", "resource_link"])],
)
def test_older_clients_get_what_they_know(root: Path, version: str, kinds: list[str]) -> None:
    with _started("--root", root) as process, closing(process.stdin):
        hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
        _say(process, id=1, method="initialize", params=hello)
        assert _heard(process)["result"]["protocolVersion"] == version
        _say(process, method="notifications/initialized")
        _say(process, id=2, method="tools/call", params={"name": "explain", "arguments": {"rule": "video-too-long"}})
        content = _heard(process)["result"]["content"]
    assert [block["type"] for block in content] == kinds
    assert "Full answer: prep-and-submit://document/" in content[0]["text"]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, say: Any) -> None:
    find = util.find_spec
    monkeypatch.setattr("submit.loopback.find_spec", lambda name: None if name == "mcp" else find(name))
    code, _, err = say("mcp")
    assert code == 2 and "pip install 'prep-and-submit[mcp]'" in err
