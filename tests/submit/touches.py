"""Counts of how often a file is opened, sniffed, probed and hashed: spies that look and call through."""

import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import pytest
import pyvips

from prep.media.container import sniff
from prep.media.io import files
from prep.media.probe import dispatch

# What reads a file through one of these opens it in C, where no audit event is raised.
OPENERS = ((av, "open"), (pyvips.Source, "new_from_file"))
READERS = {
    "sniffed": (sniff, "sniff"),
    "probed": (dispatch, "probe_media"),
    "sampled": (files, "fingerprint"),
    "hashed": (files, "sha256"),
}


class Touches:
    """What has been done to each of *paths* since: `touches[path]["opened"]`."""

    def __init__(self, paths: Iterable[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        self._counts = {str(path): Counter[str]() for path in paths}
        self._monkeypatch = monkeypatch
        for place, name in OPENERS:
            self._spy("opened", place, name)
        for kind, (place, name) in READERS.items():
            self._spy(kind, place, name)
        sys.addaudithook(self._hear)  # stays for the life of the process, and counts these paths only

    def __getitem__(self, path: Path) -> Counter[str]:
        return self._counts[str(path)]

    def _count(self, kind: str, item: object) -> None:
        name = str(item).removeprefix("file:")
        if isinstance(item, str | Path) and name in self._counts:
            self._counts[name][kind] += 1

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count what Python opens, and what the programs are given that it starts."""
        if event == "open":
            self._count("opened", arguments[0])
        elif event == "subprocess.Popen":
            for argument in arguments[1]:
                self._count("opened", os.fsdecode(argument))

    def _spy(self, kind: str, place: Any, name: str) -> None:
        """Count the calls of a function under every name that a module has imported it by."""
        function = getattr(place, name)

        def spied(item: Any, *arguments: Any, **options: Any) -> Any:
            self._count(kind, item)
            return function(item, *arguments, **options)

        wrapped = staticmethod(spied) if isinstance(place, type) else spied
        ours = [module for key, module in list(sys.modules.items()) if key.partition(".")[0] in ("prep", "submit")]
        self._monkeypatch.setattr(place, name, wrapped)
        for module in ours:
            for key in [key for key, value in vars(module).items() if value is function]:
                self._monkeypatch.setattr(module, key, spied)
