"""Options of a project: `prep-and-submit.toml`, or `[tool.prep-and-submit]` in pyproject.toml."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

FILE, PYPROJECT, TABLE = "prep-and-submit.toml", "pyproject.toml", "prep-and-submit"
# Options of a single call, and those that a folder from elsewhere must not decide: where files are written, which hosts
# are reached, whether spending needs consent, and which journal knows what was paid.
ON_THE_COMMAND_LINE = frozenset(
    {"again", "allow-private-network", "diff", "dir", "executor", "faults", "fix", "format", "from-job", "help", "json"}
    | {"live", "all", "log-format", "out", "plan", "prompt", "quiet", "recursive", "report", "request-id", "resubmit"}
    | {"skip-bad", "state", "unsafe-fixes", "upload-to", "verbose", "version", "webhook", "work", "yes"}
)


class Project(NamedTuple):
    """The keys in *path*, and its text, which their lines are looked up in."""

    path: Path
    keys: dict[str, Any]
    text: str


def find_project(folder: Path, home: Path) -> Project | None:
    """The nearest file with project-wide options, in *folder* or above it; None: there is none.

    In one folder prep-and-submit.toml goes first. From inside *home*, folders above it are not searched. Raises
    UsageError when the file can't be read.
    """
    from prep.specs.read_toml import read_toml

    for above in (folder, *folder.parents):
        if (above / FILE).is_file():
            return Project(above / FILE, *read_toml(above / FILE))
        if (project := _table_in(above / PYPROJECT)) is not None:
            return project
        if above == home:
            return None
    return None


def _table_in(path: Path) -> Project | None:
    """None also for a pyproject.toml that does not name this program, whatever else is wrong with it."""
    from prep.specs.read_toml import MOST_BYTES, read_toml

    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            if TABLE.encode() not in file.read(MOST_BYTES):
                return None
    except OSError:
        return None
    fields, text = read_toml(path)
    tool = fields.get("tool")
    keys = tool.get(TABLE) if isinstance(tool, dict) else None
    return Project(path, keys, text) if isinstance(keys, dict) else None


def defaults_of(project: Project, commands: Sequence[click.Command]) -> dict[str, Any]:
    """The values in *project* by parameter name, checked like the command line.

    A path is relative to the folder of the file. Raises UsageError naming each wrong key and its line.
    """
    from prep.errors import UsageError
    from prep.specs.read_toml import line_of
    from prep.validation import unknown

    options = _options(commands)
    known = sorted(_fixable(commands))
    values, errors = {}, []
    for key, value in project.keys.items():
        line = line_of(project.text, (key,) if project.path.name == FILE else ("tool", TABLE, key))
        place = f"{project.path}{f':{line}' if line else ''}: {key}"
        if key in ON_THE_COMMAND_LINE and key in options:
            errors.append(f"{place}: works only on the command line")
        elif key not in options:
            errors.append(f"{place}: {unknown(key, known)}")
        else:
            try:
                values[str(options[key].name)] = _checked(options[key], value, project.path.parent)
            except click.BadParameter as error:
                errors.append(f"{place}: {error.message}")
            except UsageError as error:
                errors.append(f"{place}: {error}")
    if errors:
        raise UsageError("\n".join(errors))
    return values


def _options(commands: Iterable[click.Command]) -> dict[str, click.Option]:
    """Every option of the commands by its long name, without the dashes."""
    return {
        name.removeprefix("--"): param
        for command in commands
        for param in command.params
        if isinstance(param, click.Option)
        for name in param.opts
        if name.startswith("--")
    }


def _fixable(commands: Iterable[click.Command]) -> set[str]:
    return _options(commands).keys() - ON_THE_COMMAND_LINE


def _checked(option: click.Option, value: Any, folder: Path) -> Any:
    if option.is_flag:
        if not isinstance(value, bool):
            raise click.BadParameter(f"should be true or false, not {value!r}")
        return value
    if option.multiple != isinstance(value, list):
        raise click.BadParameter(f"should be {'a list' if option.multiple else 'one value'}, not {value!r}")
    values = value if option.multiple else [value]
    for one in values:
        if isinstance(one, bool | dict | list):
            raise click.BadParameter(f"should be text or a number, not {one!r}")
    if isinstance(option.type, click.Path):
        values = [str(folder / str(one)) for one in values]
    for one in values:
        option.type.convert(one, option, None)
    return values if option.multiple else values[0]


def _here() -> Path | None:
    """The working directory; None when it was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


class ProjectDefaults(Mapping[str, Any]):
    """Click's `default_map`: read when the first parameter is needed that the command line leaves open."""

    def __init__(self, commands: Callable[[], Sequence[click.Command]]) -> None:
        self._commands = commands
        self._values: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        context = click.get_current_context(silent=True)
        if context is not None and (context.resilient_parsing or not _fixable([context.command])):
            return {}  # help, completion and commands without options must work whatever the file says
        if self._values is None:
            home = Path(os.path.expanduser("~")).resolve()
            project = find_project(here, home) if (here := _here()) else None
            self._values = defaults_of(project, self._commands()) if project else {}
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def from_project(name: str) -> bool:
    """Whether the parameter of that name has its value from the project rather than from the command line."""
    return _source_of(name) is click.core.ParameterSource.DEFAULT_MAP


def was_typed(name: str) -> bool:
    """Whether the parameter of that name is on the command line."""
    return _source_of(name) is click.core.ParameterSource.COMMANDLINE


def _source_of(name: str) -> click.core.ParameterSource | None:
    context = click.get_current_context(silent=True)
    return context.get_parameter_source(name) if context else None
