"""One run of a batch that may be killed at any moment.

`python batch_driver.py JOBS OUT STATE MAX_COST CONCURRENCY EXECUTOR`.

Exit code 0: every row that can be done is; 4: the platform, or the server of the journal, was in the way.
"""

import sys
from pathlib import Path

import fal_client.client

import submit.job.remote.retry
from submit import batch
from submit.errors import BatchPaused, JournalUnavailable

if __name__ == "__main__":
    submit.job.remote.retry.PAUSES_S = (0.02, 0.05, 0.1)
    fal_client.client.BASE_DELAY = 0.01
    jobs, out, state, max_cost, concurrency, executor = sys.argv[1:]
    try:
        course = batch(
            Path(jobs),
            out=out,
            state=state,
            max_cost=max_cost,
            concurrency=int(concurrency),
            poll_s=0.05,
            workers=2 if executor == "local" else None,
            executor=executor,
        )
        for _ in course:
            pass
    except (BatchPaused, JournalUnavailable):
        sys.exit(4)
