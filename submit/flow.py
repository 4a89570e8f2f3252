"""The way from prepared files to the generated video. Nothing here prints; the platform is a parameter."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from prep.errors import Cancelled, RemoteError, UsageError
from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec, Value
from prep.model.manifest import Manifest
from prep.model.plan import Options
from prep.model.progress import Progress
from prep.pipeline import AnyReference, plan, prepare
from prep.specs import DEFAULT_ENDPOINT, load_spec
from submit.claim import claimed
from submit.cost import Cost, price, refuse_over
from submit.ports import Platform, Refusal, State, SubmitUncertain, Ticket
from submit.preflight import probed_again, refuse_early, refuse_unfinished
from submit.prepared import load_prepared
from submit.receipt import RECEIPT, Receipt, keep_receipt, read_receipt, short_id, write_receipt
from submit.refusal import findings_of
from submit.request import Request, build_request, compile_prompt, with_defaults

UPLOADS_AT_ONCE = 4
POLL_S = 1.0

Report = Callable[[Progress], None]


class Result(Value):
    """*video* has the URL and the path of the downloaded file; *seed* is the one that was used."""

    url: str
    path: str
    seed: int | None = None


class Outcome(Value):
    """Everything about one finished run. *timings_s* are seconds for each stage; *findings* are warnings."""

    manifest: Manifest
    request: Request
    cost: Cost | None
    request_id: str
    result: Result
    timings_s: dict[str, float]
    findings: tuple[Finding, ...] = ()


class Submission:
    """A request that is on its way; `result` waits for it."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        receipt: Receipt,
        findings: tuple[Finding, ...],
        platform: Platform,
        report: Report,
    ) -> None:
        self.findings = findings
        self.folder = folder
        self.manifest = manifest
        self.receipt = receipt
        self._platform = platform
        self._report = report

    @property
    def request_id(self) -> str:
        return _ticket(self.receipt).request_id

    def result(self, cancel: threading.Event | None = None) -> Result:
        """Wait, download the video into the folder and return it. Raises Refusal, with findings, when it is refused."""
        try:
            receipt = wait_for(self.receipt, self.manifest, self.folder, self._platform, self._report, cancel)
            self.receipt = fetch(receipt, self.folder, self._platform, self._report)
        except KeyboardInterrupt:
            raise Cancelled(_goes_on(self.receipt, self.folder)) from None
        return result_of(self.receipt, self.folder)


def run(
    references: Iterable[AnyReference],
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    max_cost: Decimal | None = None,
    platform: Platform | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
) -> Outcome:
    """Prepare, price, upload, submit, wait and download, all into the folder *out*.

    *platform* None is fal with the key in FAL_KEY. Raises what `prep.prepare` raises, NonCompliantError for the prompt,
    RefusedError (no key, or a price over *max_cost* in USD; nothing was spent), and RemoteError (the platform failed or
    refused; *out* holds a receipt of what was submitted).
    """
    spec, report = load_spec(endpoint), progress or (lambda event: None)
    chosen = with_defaults(generation or Generation(), spec.request)
    platform = platform or _fal()
    folder, started = Path(out), time.monotonic()
    refuse_unfinished(folder)
    planned = plan(references, spec, options=options)
    refuse_early(planned, prompt, spec, chosen, max_cost)
    with claimed(folder):
        refuse_unfinished(folder)
        manifest = prepare(planned, spec, out=folder, progress=report, cancel=cancel)
        prepared_s = time.monotonic() - started
        submission = _submit(folder, manifest, prompt, spec, chosen, max_cost, platform, report, cancel)
        submitted_s = time.monotonic() - started
        result = submission.result(cancel)
        done_s = time.monotonic() - started
        timings = {"prepare": prepared_s, "upload": submitted_s - prepared_s, "generate": done_s - submitted_s}
        timings = {stage: round(seconds, 3) for stage, seconds in timings.items()}
        receipt = submission.receipt.model_copy(update={"timings_s": timings})
        write_receipt(folder, receipt)
    return Outcome(
        manifest=manifest,
        request=receipt.request,
        cost=receipt.cost,
        request_id=submission.request_id,
        result=result,
        timings_s=timings,
        findings=(*manifest.findings, *submission.findings),
    )


def submit(
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    spec: EndpointSpec | None = None,
    max_cost: Decimal | None = None,
    platform: Platform | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
) -> Submission:
    """Upload and submit what `prep.prepare` made in *folder*; `.result()` of what is returned waits for the video.

    *spec* describes the endpoint that it was prepared for, where that is not built in. Raises as `run` does, and
    UsageError when *folder* does not hold what its manifest says.
    """
    path, report = Path(folder), progress or (lambda event: None)
    refuse_unfinished(path)
    manifest = load_prepared(path)
    if spec is not None and spec.endpoint != manifest.endpoint:
        raise UsageError(f"{path} was prepared for {manifest.endpoint}; the spec is for {spec.endpoint}")
    spec = spec or load_spec(manifest.endpoint)
    chosen = with_defaults(generation or Generation(), spec.request)
    platform = platform or _fal()
    with claimed(path):
        refuse_unfinished(path)
        manifest = probed_again(path, manifest, spec)
        return _submit(path, manifest, prompt, spec, chosen, max_cost, platform, report, cancel)


def resume(
    folder: str | os.PathLike[str],
    *,
    platform: Platform | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
) -> Result:
    """Wait for the request of which *folder* has the receipt, and download its video there; nothing is sent again.

    A video that is there already is simply returned. Raises UsageError when there is no receipt, or none of a request
    that is known to have arrived, Refusal when it was refused, RemoteError when the platform can't be asked.
    """
    path, report = Path(folder), progress or (lambda event: None)
    receipt = read_receipt(path)
    if receipt is None:
        raise UsageError(f"{path / RECEIPT}: no such file; nothing was submitted from there")
    if receipt.state == "downloaded" and (path / (receipt.path or "")).is_file():
        return result_of(receipt, path)
    if receipt.ticket is None:
        raise UsageError(f"{path / RECEIPT}: it is not known whether this request arrived; look in your dashboard")
    manifest = load_prepared(path)
    with claimed(path):
        return Submission(path, manifest, receipt, (), platform or _fal(), report).result(cancel)


def _submit(
    folder: Path,
    manifest: Manifest,
    prompt: str,
    spec: EndpointSpec,
    generation: Generation,
    max_cost: Decimal | None,
    platform: Platform,
    report: Report,
    cancel: threading.Event | None,
) -> Submission:
    compiled, findings = compile_prompt(prompt, manifest)
    cost = price(spec, generation, manifest.totals.video_duration_s)
    refuse_over(cost, max_cost)
    report(Progress(stage="upload", message=f"price: {cost or 'not published'}"))
    urls = upload_all(folder, manifest, platform, report, cancel)
    request = build_request(compiled, manifest, urls, generation)
    keep_receipt(folder)
    receipt = Receipt(state="submitting", endpoint=spec.endpoint, request=request, urls=urls, cost=cost)
    write_receipt(folder, receipt)
    try:
        ticket = platform.submit(spec.endpoint, request.arguments())
    except SubmitUncertain as error:
        raise SubmitUncertain(
            f"{error}. It was not sent again, since that could pay twice: look for it in the dashboard of your "
            f"account; {folder / RECEIPT} has the request"
        ) from error
    except RemoteError as error:
        (folder / RECEIPT).unlink(missing_ok=True)  # it was certainly not taken
        raise _explained(error, manifest) from error
    receipt = receipt.model_copy(update={"state": "submitted", "ticket": ticket})
    write_receipt(folder, receipt)
    report(Progress(stage="queue", message=f"submitted as {ticket.request_id}"))
    return Submission(folder, manifest, receipt, findings, platform, report)


def upload_all(
    folder: Path, manifest: Manifest, platform: Platform, report: Report, cancel: threading.Event | None
) -> dict[str, str]:
    """Upload every file of *manifest*, several at once; the URL of each, by tag."""

    def one(index: int) -> str:
        if cancel is not None and cancel.is_set():
            raise Cancelled("cancelled before everything was uploaded; nothing was submitted")
        entry = manifest.entries[index]
        label = entry.output.path
        report(Progress(stage="upload", tag=entry.tag, label=label))
        url = platform.upload(folder / entry.output.path, entry.output.media_type)
        report(Progress(stage="upload", tag=entry.tag, label=label, part=1.0))
        return url

    with ThreadPoolExecutor(max_workers=UPLOADS_AT_ONCE) as pool:
        urls = list(pool.map(one, range(len(manifest.entries))))
    return {entry.tag: url for entry, url in zip(manifest.entries, urls, strict=True)}


def wait_for(
    receipt: Receipt,
    manifest: Manifest,
    folder: Path,
    platform: Platform,
    report: Report,
    cancel: threading.Event | None = None,
) -> Receipt:
    """Poll once a second until the request is completed, and fetch the answer. The job itself is never cancelled."""
    ticket, seen = _ticket(receipt), 0
    stop = cancel or threading.Event()
    while True:
        state = platform.state(receipt.endpoint, ticket.request_id)
        seen = _tell(state, seen, report)
        if state.status == "completed":
            break
        if stop.wait(POLL_S):
            raise Cancelled(_goes_on(receipt, folder))
    try:
        answer = platform.result(receipt.endpoint, ticket.request_id)
    except Refusal as error:
        write_receipt(folder, receipt.model_copy(update={"state": "refused"}))
        raise _explained(error, manifest) from error
    receipt = receipt.model_copy(update={"state": "completed", "result": answer})
    write_receipt(folder, receipt)
    return receipt


def fetch(receipt: Receipt, folder: Path, platform: Platform, report: Report) -> Receipt:
    """Download the video of a completed request beside its receipt."""
    video = (receipt.result or {}).get("video")
    url = video.get("url") if isinstance(video, dict) else None
    if not isinstance(url, str):
        raise RemoteError(f"the answer names no video; it is kept in {folder / RECEIPT}")
    target = folder / f"result-{short_id(_ticket(receipt))}.mp4"
    report(Progress(stage="download", label=target.name))
    platform.download(url, target)
    report(Progress(stage="download", label=target.name, part=1.0))
    receipt = receipt.model_copy(update={"state": "downloaded", "path": target.name})
    write_receipt(folder, receipt)
    return receipt


def result_of(receipt: Receipt, folder: Path) -> Result:
    answer: dict[str, Any] = receipt.result or {}
    seed = answer.get("seed")
    return Result(
        url=answer["video"]["url"],
        path=str(folder / (receipt.path or "")),
        seed=seed if isinstance(seed, int) else None,
    )


def _goes_on(receipt: Receipt, folder: Path) -> str:
    ticket = _ticket(receipt)
    return (
        f"stopped waiting; request {ticket.request_id} goes on and is billed. Its result will be at "
        f"{ticket.response_url} for about an hour; 'prep-and-submit resume {folder}' waits for it and fetches it "
        f"(its receipt is {folder / RECEIPT})"
    )


def _tell(state: State, seen: int, report: Report) -> int:
    if state.status == "queued":
        report(Progress(stage="queue", message=f"in the queue, {state.position} ahead"))
    for line in state.logs[seen:]:
        report(Progress(stage="generate", message=line))
    return max(seen, len(state.logs))


def _ticket(receipt: Receipt) -> Ticket:
    if receipt.ticket is None:
        raise UsageError("this receipt has no request id: it is not known whether its request arrived")
    return receipt.ticket


def _explained(error: RemoteError, manifest: Manifest) -> RemoteError:
    if isinstance(error, Refusal):
        error.findings = findings_of(error, manifest)
    return error


def _fal() -> Platform:
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment())
