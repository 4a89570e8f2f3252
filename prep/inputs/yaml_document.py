"""YAML and JSON documents, with the line of each key and a bound on what aliases multiply."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from prep.errors import UsageError
from prep.media.io.text_file import DEEP, one_line, read_json
from prep.model.redact import shown
from prep.validation import short

# A job has a few dozen. Aliases let ten lines stand for billions, and merge keys copy them all.
MOST_VALUES = 10_000
INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
WHOLE = re.compile(r"[-+]?[0-9]{1,30}\Z")
NUMBER = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?\Z")


class _Loader(yaml.SafeLoader):
    """Stops at too many values, before the library has scanned all of a long document: it is slow."""

    def __init__(self, text: str, most_values: int) -> None:
        super().__init__(text)
        self._values, self._most = 0, most_values

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self._values += 1
        if self._values > self._most:
            raise _TooMany
        node: Node | None = super().compose_node(parent, index)
        return node

    def whole(self, node: ScalarNode) -> int:
        return int(self._digits(node, WHOLE))

    def number(self, node: ScalarNode) -> float:
        return float(self._digits(node, NUMBER))

    def _digits(self, node: ScalarNode, form: re.Pattern[str]) -> str:
        text = str(self.construct_scalar(node))
        if not form.fullmatch(text):
            raise ConstructorError(None, None, f"not a number: {short(text)}", node.start_mark)
        return text


# Texts, numbers, true and false, nothing, lists and mappings: what JSON has. Dates, sets, numbers on other bases and in
# minutes and seconds would become values that no job has.
_Loader.yaml_constructors = {
    tag: make
    for tag, make in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("str", "bool", "null", "seq", "map")
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rpartition(":")[2] in ("bool", "null", "merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(INT, WHOLE, list("-+0123456789"))
_Loader.add_implicit_resolver(FLOAT, NUMBER, list("-+.0123456789"))
_Loader.add_constructor(INT, _Loader.whole)
_Loader.add_constructor(FLOAT, _Loader.number)


class _TooMany(Exception):
    """The document has more values than a job may have."""


class Document(NamedTuple):
    """*fields* is the content, *node* the tree with the lines; None: the lines are not known."""

    fields: Any
    node: Node | None

    def place(self, path: str, key: Sequence[int | str]) -> str:
        """`job.yaml:7`: *path* with the line of *key*, or of what encloses it."""
        line = _line(self.node, key) if self.node is not None else None
        return f"{path}:{line}" if line else path


def read_document(text: str, path: str, most_values: int = MOST_VALUES) -> Document:
    """Read YAML, of which JSON is a part, or JSON that is indented with tabs. Raises UsageError naming the line."""
    loader = _Loader("", most_values)
    try:
        loader = _Loader(text, most_values)
        node = loader.get_single_node()
        if node is None:
            return Document(None, None)
        _refuse_repetition(node, path)
        if _size(node, {}, most_values) > most_values:
            raise _TooMany
        return Document(loader.construct_document(node), node)
    except yaml.YAMLError as error:
        if text.lstrip()[:1] in ("{", "["):
            return Document(read_json(text, path), None)
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{path}:{mark.line + 1}" if mark else path
        raise UsageError(f"{place}: neither YAML nor JSON: {problem or one_line(error)}") from None
    except _TooMany:
        raise UsageError(f"{path}: more than {most_values:,} values, with every alias written out") from None
    except RecursionError:
        raise UsageError(f"{path}: {DEEP}") from None
    except (ValueError, LookupError) as error:  # LookupError: "!!int" of nothing
        raise UsageError(f"{path}: neither YAML nor JSON: {one_line(error)}") from None
    finally:
        loader.dispose()


def _size(node: Node, sizes: dict[int, int], most_values: int) -> int:
    """The number of values that *node* stands for when all aliases are written out; too many for a ring."""
    if id(node) in sizes:
        return sizes[id(node)]
    sizes[id(node)] = most_values  # until it is known: whoever meets it before is inside it
    sizes[id(node)] = 1 + sum(_size(child, sizes, most_values) for child in _children(node))
    return sizes[id(node)]


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _refuse_repetition(node: Node, path: str) -> None:
    """Raise UsageError for a key that appears twice in a mapping: the reader would silently take the last."""
    seen: set[int] = set()
    todo = [node]
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        todo += _children(current)
        lines: dict[str, int] = {}
        for key, _ in current.value if isinstance(current, MappingNode) else ():
            if not isinstance(key, ScalarNode) or key.value == "<<":
                continue
            if key.value in lines:
                first = f"first in line {lines[key.value]}"
                raise UsageError(f"{path}:{_line_of(key)}: {shown(key.value)}: appears twice, {first}")
            lines[key.value] = _line_of(key)


def _line(node: Node, key: Sequence[int | str]) -> int:
    """The line, from 1, of *key* below *node*, or of the nearest that encloses it."""
    line = _line_of(node)
    for part in key:
        child = _child(node, part)
        if child is None:
            break
        name, node = child
        line = _line_of(name)
    return line


def _line_of(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _child(node: Node, part: int | str) -> tuple[Node, Node] | None:
    """The node that names *part* in *node*, and the node of its value."""
    if isinstance(node, MappingNode):
        return next(((name, value) for name, value in node.value if name.value == str(part)), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
