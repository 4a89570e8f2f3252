"""Output folder: which of its files are ours, and the names that may not be taken."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from prep.errors import UsageError
from prep.inputs.manifests import read_manifest
from prep.media.io.files import is_own, leftovers
from prep.media.io.text_file import read_json, read_text
from prep.model.manifest import MANIFEST
from prep.model.redact import shown
from prep.rules.findings import Findings, advice

# In the folder of a run that puts its files in place: so that they are known as ours if it is killed meanwhile.
NAMES = "names.json"
EARLIER = "earlier"  # beside it: what these files replace, until they and their manifest are in place
MOST_BYTES = 1_000_000
NAMES_SHOWN = 3


def own_names(out: Path) -> frozenset[str]:
    """The names that earlier runs used in *out*: by its manifest, and by the notes of runs that were killed."""
    names: set[str] = set()
    if os.path.lexists(out / MANIFEST):
        with suppress(UsageError):
            names.update(entry.output.path for entry in read_manifest(out).entries if entry.output.path)
    for path in leftovers(out):
        with suppress(UsageError, OSError, ValueError):
            if not (is_own(path) and is_own(path / NAMES)):  # a stranger's note would have a user's files replaced
                continue
            noted = read_json(read_text(path / NAMES, MOST_BYTES), NAMES)
            names.update(name for name in noted if isinstance(name, str)) if isinstance(noted, list) else None
    return frozenset(names)


def note_names(staging: Path, names: Iterable[str]) -> None:
    """Note in *staging* that *names* are those of our files, from before the first of them is put in place."""
    (staging / NAMES).write_text(json.dumps(sorted(names)), "utf-8")


@contextmanager
def placing(names: Sequence[str], staging: Path, out: Path) -> Iterator[None]:
    """Put the files *names* from *staging*, where they are noted, in place in *out*; the block writes their manifest.
    After an error *out* is as it was before.
    """
    earlier, placed = staging / EARLIER, list[str]()
    earlier.mkdir()
    try:
        for name in (MANIFEST, *names):
            if os.path.lexists(out / name):
                os.replace(out / name, earlier / name)
        for name in names:
            os.replace(staging / name, out / name)
            placed.append(name)
        yield
    except BaseException:
        for name in placed:
            (out / name).unlink(missing_ok=True)
        for path in earlier.iterdir():
            with suppress(OSError):
                os.replace(path, out / path.name)
        raise


def refuse_foreign(names: Iterable[str], own: frozenset[str], out: Path) -> None:
    """Raise UsageError when a file that is not ours has one of *names*."""
    taken = [name for name in names if name not in own and os.path.lexists(out / name)]
    if taken:
        files = ", ".join(shown(name) for name in taken)
        them = "it" if len(taken) == 1 else "them"
        raise UsageError(
            f"{shown(out)}: {files} would be replaced, and no manifest here says that this program made {them}; "
            f"move {them}, or choose another folder"
        )


def refuse_to_replace(target: Path, sources: Iterable[Path]) -> None:
    """Raise UsageError when *target* is one of *sources*, by whatever name."""
    if target.exists() and any(_is_same(source, target) for source in sources):
        raise UsageError(f"{target} is one of the references and would be replaced; choose another folder")


def _is_same(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except OSError:  # the source has gone, which is said when it is read
        return False


def earlier_files(names: Sequence[str], own: frozenset[str], out: Path) -> Findings:
    """The finding about files of earlier runs that stay in *out* beside those with *names*."""
    earlier = sorted(name for name in own.difference(names) if Path(name).name == name and (out / name).is_file())
    if not earlier:
        return ()
    listed = ", ".join(map(shown, earlier[:NAMES_SHOWN])) + (", …" if len(earlier) > NAMES_SHOWN else "")
    verbs = "is from an earlier run and stays" if len(earlier) == 1 else "are from earlier runs and stay"
    message = f"{listed} {verbs}; {MANIFEST} lists only the new files"
    return advice("output-earlier-files", len(earlier), 0, message)
