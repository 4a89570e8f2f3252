"""Names of all spans, attributes and metrics, as docs/observability.md lists them."""

from typing import NamedTuple

SCOPE = "prep-and-submit"

# Calls of the library: the outermost spans.
CHECK, PLAN_CALL, PRICE, PREPARE_CALL = "prep.check", "prep.plan", "prep.price", "prep.prepare"
OFFER, RUN, SUBMIT_CALL, RESULT = "submit.offer", "submit.run", "submit.submit", "submit.result"
RESUME, STATUS, CANCEL, WEBHOOK = "submit.resume", "submit.status", "submit.cancel", "submit.webhook"
SURVEY, SURVEYED, BATCH, JOB, PREPARATION = "submit.survey", "survey row", "submit.batch", "job", "preparation"
# Stages, and the files in them.
PROBE, PROBE_FILE, PLAN, LOOK, WORKER = "probe", "probe file", "plan", "look", "worker"
PREPARE, PREPARE_FILE, FETCH = "prepare", "prepare file", "fetch"
ENCODE, COPY, VERIFY = "encode", "copy", "verify"
UPLOAD, UPLOAD_FILE, SUBMIT = "upload", "upload file", "submit"
RECONCILE, WAIT, DOWNLOAD = "reconcile", "wait", "download"
# Events of a span.
PLANNED = "planned"

# Attributes that OpenTelemetry's semantic conventions define.
ERROR_TYPE = "error.type"
FILE_NAME, FILE_SIZE = "file.name", "file.size"
FUNCTION = "code.function.name"
MODEL, REQUEST_ID = "gen_ai.request.model", "gen_ai.response.id"
# Attributes of our own.
OWN = "prep_and_submit"
REFERENCES, TAG, STEPS, BECAUSE = f"{OWN}.references", f"{OWN}.tag", f"{OWN}.steps", f"{OWN}.because"
ERRORS, WARNINGS, CACHED = f"{OWN}.errors", f"{OWN}.warnings", f"{OWN}.cached"
KIND, CONTAINER = f"{OWN}.media.kind", f"{OWN}.media.container"
WIDTH, HEIGHT, DURATION = f"{OWN}.media.width", f"{OWN}.media.height", f"{OWN}.media.duration"
JOB_ID, JOB_STATE, JOB_FOUND = f"{OWN}.job.id", f"{OWN}.job.state", f"{OWN}.job.found"
SANDBOX, QUOTED, BILLED = f"{OWN}.sandbox", f"{OWN}.quoted_usd", f"{OWN}.billed_usd"
QUEUE_S = f"{OWN}.queue.duration"
ROWS, ROW, ROW_STATE = f"{OWN}.batch.rows", f"{OWN}.batch.row", f"{OWN}.batch.row.state"


class Counter(NamedTuple):
    """A sum that only grows."""

    name: str
    unit: str
    description: str


class Histogram(NamedTuple):
    """A distribution; *bounds* are the upper bounds of its buckets."""

    name: str
    unit: str
    description: str
    bounds: tuple[float, ...]


_TO_AN_HOUR = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)

JOBS = Counter(f"{OWN}.jobs", "{job}", "Jobs that reached a state")
QUOTED_USD = Counter(f"{OWN}.job.quoted_usd", "{USD}", "The most that submitted jobs were quoted to cost")
BILLED_USD = Counter(f"{OWN}.job.billed_usd", "{USD}", "What the platform billed")
QUEUED = Histogram(f"{OWN}.job.queue.duration", "s", "From submission until the platform was at work", _TO_AN_HOUR)
ANSWERED = Histogram(f"{OWN}.job.duration", "s", "From submission to the platform's answer", _TO_AN_HOUR)
PREPARED = Counter(f"{OWN}.prepared.media", "s", "Length of the videos and sounds that were prepared")
PREPARATIONS = Histogram(f"{OWN}.prepare.duration", "s", "Time to make and verify a file", _TO_AN_HOUR)
UPLOADED = Counter(f"{OWN}.uploaded", "By", "Size of the files that were uploaded")
