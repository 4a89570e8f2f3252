"""The output folder of a call, compared with where its references lie."""

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from prep.errors import UsageError
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.rules.findings import Findings, advice


def check_output(folder: Path, references: Sequence[Reference], folders: Sequence[str] = ()) -> Findings:
    """One finding when originals lie in *folder*, so that what is made comes to lie among them.

    Raises as `refuse_among_references` does.
    """
    refuse_among_references((folder,), folders)
    real = os.path.realpath(folder)
    local = [one.location for one in references if one.content is None and not one.is_url]
    inside = sum(os.path.realpath(os.path.dirname(path)) == real for path in local)
    if not inside:
        return ()
    message = (
        f"the prepared files go into {shown(folder).rstrip('/')}/, where your originals are; to keep them apart, "
        f"choose another folder, such as {shown(folder / 'ready')}"
    )
    return advice("output-beside-originals", inside, 0, message, "files")


def refuse_among_references(written: Iterable[Path], folders: Collection[str]) -> None:
    """Raise UsageError when a folder of *written* is one of *folders*, which are references.

    The next run would take what was made for references as well.
    """
    references = {os.path.realpath(folder) for folder in folders}
    for folder in written if references else ():
        if os.path.realpath(folder) in references:
            raise UsageError(f"{shown(folder)}: a folder of references; choose another folder for what is made")
