"""The output folder of a call, compared with where its references lie."""

import os
from collections.abc import Sequence
from pathlib import Path

from prep.errors import UsageError
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.rules.findings import Findings, advice


def check_output(folder: Path, references: Sequence[Reference], folders: Sequence[str] = ()) -> Findings:
    """One finding when originals lie in *folder*, so that what is made comes to lie among them.

    Raises UsageError when *folder* is one of *folders*, which are references: the next run would take what was made for
    references as well.
    """
    real = os.path.realpath(folder)
    if any(os.path.realpath(own) == real for own in folders):
        raise UsageError(f"{shown(folder)}: a folder of references; choose another folder for what is made")
    local = [one.location for one in references if one.content is None and not one.is_url]
    inside = sum(os.path.realpath(os.path.dirname(path)) == real for path in local)
    if not inside:
        return ()
    message = (
        f"the prepared files go into {shown(folder).rstrip('/')}/, where your originals lie; to keep them apart, "
        f"choose another folder, such as {shown(folder / 'ready')}"
    )
    return advice("output-beside-originals", inside, 0, message, "files")
