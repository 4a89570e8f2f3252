"""Chains of libavfilter's sound filters, run in process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import av
from av.filter import Graph

# A filter's name and its options.
Filter = tuple[str, dict[str, Any]]


def usual_layout(layout: Any) -> str:
    """The layout's name; channels without positions get the usual positions for their number, where there are any."""
    usual = f"{layout.nb_channels}c"
    if not layout.name.endswith("channels"):
        return str(layout.name)
    try:
        av.AudioLayout(usual)
    except ValueError:
        return str(layout.name)
    return usual


class Chain:
    """Filters for decoded frames.

    *filters* returns the chain for frames like its argument. libavfilter takes frames of one kind only (rate, format,
    layout): the chain is drained and built again where the kind changes.
    """

    def __init__(self, filters: Callable[[Any], Sequence[Filter]]) -> None:
        self._filters = filters
        self._kind: tuple[object, ...] | None = None
        self._graph: Graph | None = None

    def run(self, frame: Any) -> Iterator[Any]:
        """The frames that come out after *frame* went in; its time stamp is dropped, so that gaps are not filled."""
        kind = (frame.sample_rate, frame.format.name, frame.layout.name, frame.layout.nb_channels)
        if self._graph is None or kind != self._kind:
            yield from self.drain()
            self._kind, self._graph = kind, self._build(frame)
        frame.pts = None
        yield from _through(self._graph, frame)

    def drain(self) -> Iterator[Any]:
        """The frames that the filters still hold."""
        if self._graph is not None:
            graph, self._graph = self._graph, None
            yield from _through(graph, None)

    def _build(self, frame: Any) -> Graph:
        graph = Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=usual_layout(frame.layout)
        )
        nodes = [
            graph.add(name, **{key: str(value) for key, value in options.items()})
            for name, options in self._filters(frame)
        ]
        graph.link_nodes(source, *nodes, graph.add("abuffersink")).configure()
        return graph


def _through(graph: Graph, frame: Any | None) -> Iterator[Any]:
    graph.push(frame)
    with suppress(av.BlockingIOError, av.EOFError):
        while True:
            yield graph.pull()
