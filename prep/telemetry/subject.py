"""Subject of the work: the job and the reference that it is about, for records and spans."""

from contextvars import ContextVar

JOB: ContextVar[str | None] = ContextVar("job", default=None)
REFERENCE: ContextVar[str | None] = ContextVar("reference", default=None)
