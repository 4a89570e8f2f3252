"""A job: references, prompt and options as one document."""

from decimal import Decimal

from prep.model.generation import Generation
from prep.model.plan import Options
from prep.model.value import Value


class Job(Value):
    """*references* are written as on the command line; paths are relative to the file that the job stands in.

    None: not said, so that a flag or the default decides.
    """

    endpoint: str | None = None
    references: tuple[str, ...] = ()
    prompt: str | None = None
    options: Options = Options()
    generation: Generation = Generation()
    max_cost: Decimal | None = None
