"""Plan files, as `plan --json` prints them."""

from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.media.io.text_file import read_json, read_text
from prep.model.plan import Plan
from prep.model.redact import shown
from prep.validation import lines

MOST_BYTES = 64_000_000


def read_plan(path: Path) -> Plan:
    """Return the plan in *path*, a document of `plan --json` or its data. Raises UsageError naming each wrong key."""
    fields = read_json(read_text(path, MOST_BYTES), shown(path))
    if isinstance(fields, dict) and "schema" in fields:
        if "data" not in fields:
            raise UsageError(f"{shown(path)}: not a plan: it has no data")
        fields = fields["data"]
    try:
        plan = Plan.model_validate(fields)
        plan.model_dump_json()  # half a pair of surrogates can't be written again
        return plan
    except ValidationError as error:
        raise UsageError("\n".join(f"{shown(path)}: not a plan: {line}" for line in lines(error, Plan))) from error
    except ValueError:
        raise UsageError(f"{shown(path)}: not a plan: it holds text that is not Unicode; plan again") from None
