"""Schemas that stand in docs: each is the one that the code makes. GOLDEN=write updates it."""

import json
import os
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


def check_kept(path: Path, schema: dict[str, Any]) -> None:
    """Assert that *path* holds *schema*, and that this is a JSON Schema."""
    text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "GOLDEN=write python -m pytest tests/docs updates it"
    Draft202012Validator.check_schema(json.loads(text))
