"""One row of docs/media.md: a file and what `prep` makes of it."""

from typing import Any, NamedTuple


class Row(NamedTuple):
    """*fixture* may carry a fragment ("animated.gif#t=0.5"); *options* are those of `prep.Options`.

    *comes_out* is in the words of `tests.media_table.seen`. *steps* are the kinds of the plan's steps, in order; none:
    the file is sent byte for byte.
    """

    fixture: str
    what: str
    comes_out: str
    steps: tuple[str, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012  (a tuple's default, never written to)

    @property
    def asked(self) -> str:
        """What the user writes beside the name of the file."""
        _, mark, fragment = self.fixture.partition("#")
        return " ".join([mark + fragment] * bool(mark) + [_flag(*option) for option in self.options.items()])


def _flag(name: str, value: Any) -> str:
    flag = "--" + name.replace("_", "-")
    return flag if value is True else f"{flag} {value}"
