"""Sandbox: a stand-in for the fal platform on loopback, for tests, demos and pipelines. No key, no network, no cost.

The *unmodified* fal_client talks to it, sync, async and in subprocesses, through environment variables alone::

    with running() as box:
        subprocess.run([...], env={**os.environ, **box.env})

Needs the extra ``sandbox``; importing this package does not.
"""

from submit.sandbox.billing import Charge
from submit.sandbox.jobs import Submitted
from submit.sandbox.server import Sandbox, running
from submit.sandbox.storage import StoredObject

__all__ = ["Charge", "Sandbox", "StoredObject", "Submitted", "running"]
