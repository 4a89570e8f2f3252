"""Roots: the only folders that a tool reads or writes. The person names them at the start, or else the client does."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mcp.server.mcpserver.resolve import ListRoots, Resolve
from mcp_types import ListRootsResult

from prep.errors import UsageError
from prep.inputs.file_name import as_on_disk
from prep.inputs.manifests import read_manifest
from prep.inputs.parse import parse_reference
from prep.inputs.references import NO_NUL, raise_all, read_references
from prep.model.manifest import MANIFEST, Manifest
from prep.model.redact import shown
from prep.model.reference import Reference
from submit.mcp.desk import Call, desk_of

S = TypeVar("S")
T = TypeVar("T")
NONE_OPEN = (
    "no folder is open: the client names no roots, and the server was started without `--root`; "
    "start it with 'prep-and-submit mcp --root DIR'"
)


class Roots(NamedTuple):
    """*folders* are real paths. A path that is not absolute is below the first of them that has it."""

    folders: tuple[Path, ...]

    def place(self, text: str) -> Path:
        """The real path of *text*. Raises UsageError unless it lies below a root, with all links followed."""
        if "\0" in text:
            raise UsageError(f"{shown(text)}: {NO_NUL}")
        if not self.folders:
            raise UsageError(NONE_OPEN)
        paths = [folder / text for folder in self.folders]  # an absolute one stays what it is
        path = next((path for path in paths if os.path.lexists(path)), paths[0])
        try:
            real = Path(os.path.realpath(as_on_disk(Reference(location=str(path))).location))
        except OSError as error:
            raise UsageError(f"{shown(text)}: {error.strerror}") from error
        if not any(real.is_relative_to(folder) for folder in self.folders):
            folders = ", ".join(shown(folder) for folder in self.folders)
            raise UsageError(f"{shown(text)}: outside the folders that are open ({folders})")
        return real

    def holds(self, path: str | Path) -> bool:
        """Whether *path* lies below a root."""
        try:
            self.place(str(path))
        except UsageError:
            return False
        return True

    def references(self, texts: Sequence[str]) -> list[Reference]:
        """The references that *texts* name, each with its real path.

        Raises UsageError for one that is not understood, or that leads out of the roots, also by a link in a folder.
        """
        references = _each(self._reference, texts)
        self.require(one.location for one in read_references(references).references if not one.is_url)
        return references

    def require(self, paths: Iterable[str | Path]) -> None:
        """Raise UsageError for each of *paths* that is not below a root."""
        _each(lambda path: self.place(str(path)), paths)

    def prepared(self, text: str) -> Manifest:
        """The manifest in the folder *text*. Raises UsageError when it, or one of its files, is a link out of here."""
        folder = self.place(text)
        self.require([folder / MANIFEST])
        manifest = read_manifest(folder)
        self.require(manifest.paths.values())
        return manifest

    def _reference(self, text: str) -> Reference:
        reference = parse_reference(text, self._exists)
        if reference.is_object:
            raise UsageError(
                f"{shown(text)}: tools read no object storage, where the person's credentials may open more than these "
                "folders; copy the file into one of them"
            )
        if reference.is_url:
            return reference
        return reference.model_copy(update={"location": str(self.place(reference.location))})

    def _exists(self, name: str) -> bool:
        """Whether *name* is a path below a root: of others nothing is said, not even that they exist."""
        try:
            return self.place(name).exists()
        except (UsageError, OSError):
            return False


def _each(call: Callable[[T], S], items: Iterable[T]) -> list[S]:
    """What *call* returns for each of *items*. Raises all their UsageErrors, after the last one."""
    results: list[S] = []
    problems: list[UsageError] = []
    for item in items:
        try:
            results.append(call(item))
        except UsageError as error:
            problems.append(error)
    raise_all(problems)
    return results


def client_roots(ctx: Call) -> ListRoots | None:
    """Ask the client for its roots, unless the person has named some, or it has none."""
    capabilities = ctx.client_capabilities
    can_tell = capabilities is not None and capabilities.roots is not None
    return ListRoots() if can_tell and not desk_of(ctx).roots else None


ClientRoots = Annotated[ListRootsResult | None, Resolve(client_roots)]


def roots_of(ctx: Call, answer: ListRootsResult | None) -> Roots:
    """The roots of a call. Those of the command line go alone, so that no client can widen them."""
    own = desk_of(ctx).roots
    if own or answer is None:
        return Roots(own)
    urls = [urlsplit(str(root.uri)) for root in answer.roots]
    paths = [url2pathname(url.path) for url in urls if url.scheme == "file"]
    return Roots(tuple(Path(os.path.realpath(path)) for path in paths if path))
