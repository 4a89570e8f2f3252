"""Webhooks all the way: sent by the sandbox to the function of docs/webhooks.md, while the job is in the journal."""

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from submit import Generation, JobRecord, jobs, resume, run
from submit.errors import SubmitUncertain
from submit.sandbox import Sandbox
from submit.webhook.keys import PublishedKeys
from tests.types import Media

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
CODE = dict(re.findall(r"^## ([^\n]*)\n.*?```python\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL))
Start = Callable[..., Sandbox]
Answers = queue.Queue[int]


@contextmanager
def _listening() -> Iterator[tuple[str, Answers]]:
    """Serve the function of the document; its URL, and the status of each answer."""
    names: dict[str, Callable[..., int]] = {}
    exec(CODE["Receive"], names)
    answers: Answers = queue.Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            query = parse_qs(urlsplit(self.path).query)
            status = names["hook"](self.headers, body, query["prep_and_submit_job"][0])
            self.send_response(status)
            self.end_headers()
            answers.put(status)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", answers
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def send(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], JobRecord]:
    """Send a job and do not wait for it; the record when its webhook was accepted."""
    monkeypatch.setattr("submit.webhook.signature.PUBLISHED", PublishedKeys())

    def sent() -> JobRecord:
        with _listening() as (url, answers):
            generation = Generation(duration=4, resolution="480p")
            with suppress(SubmitUncertain):
                run(
                    media("at_limit_300.png"),
                    "@Image1 waves",
                    out=tmp_path / "out",
                    generation=generation,
                    webhook=url,
                    wait=False,
                )
            while answers.get(timeout=60) != 200:
                pass
        [record] = jobs(sandbox=True)
        return record

    return sent


def test_a_finished_job(start: Start, send: Callable[[], JobRecord], tmp_path: Path) -> None:
    box = start()
    record = send()
    assert (record.state, record.bill is not None) == ("completed", True)
    assert Path(resume(record.id).path).parent == tmp_path / "out"
    asked = [line for line in box.accesses() if line.endswith("/status")]
    assert asked == [], "nobody polled"


def test_a_refused_job(start: Start, send: Callable[[], JobRecord]) -> None:
    start("policy-refusal")
    record = send()
    assert record.failure is not None
    assert (record.state, [item.rule for item in record.failure.findings]) == (
        "failed",
        ["refused-content-policy-violation"],
    )


def test_a_result_that_the_platform_lost(start: Start, send: Callable[[], JobRecord]) -> None:
    """Without a webhook it would be paid for and gone."""
    start("lost-result")
    record = send()
    assert (record.state, record.bill) == ("completed", None)
    assert Path(resume(record.id).path).is_file()


def test_a_job_whose_submission_got_no_answer(start: Start, send: Callable[[], JobRecord]) -> None:
    box = start("drop-after-accept", queue_s=0.5)
    record = send()
    assert (record.state, record.ticket is not None) == ("completed", True)
    assert len(box.requests()) == 1


def test_a_run_that_waits_in_another_process(start: Start, media: Media, tmp_path: Path) -> None:
    """Whoever of the two is first: the job is finished once."""
    box = start(queue_s=0.3)
    with _listening() as (url, answers):
        command = [sys.executable, "-c", "import sys; from submit.start import main; sys.exit(main())", "run"]
        command += [str(media("at_limit_300.png")), "--prompt", "@Image1"]
        command += ["--out", str(tmp_path / "out"), "--yes", "--duration", "4", "--webhook", url, "--poll", "0.05"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert answers.get(timeout=60) in (200, 503)
    [record] = jobs(sandbox=True)
    assert record.state == "downloaded"
    assert [moment.state for moment in record.history].count("completed") == 1
    assert len(box.ledger) == 1
