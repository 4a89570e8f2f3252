"""What a project has fixed for everybody: `prep-and-submit.toml`, or `[tool.prep-and-submit]` in pyproject.toml."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

FILE, PYPROJECT, TABLE = "prep-and-submit.toml", "pyproject.toml", "prep-and-submit"
# What belongs to one call, and what a folder that came from elsewhere must not decide: where is written, which hosts
# are reached, whether is asked before spending, and which journal tells what was paid already.
ON_THE_COMMAND_LINE = frozenset(
    {"again", "allow-private-network", "diff", "dir", "faults", "fix", "format", "from-job", "help", "json", "live"}
    | {"out", "plan", "prompt", "recursive", "report", "request-id", "resubmit", "skip-bad", "state", "unsafe-fixes"}
    | {"version", "webhook", "yes"}
)


class Project(NamedTuple):
    """The keys that *path* holds, and its text, in which their lines are found."""

    path: Path
    keys: dict[str, Any]
    text: str


def find_project(folder: Path, home: Path) -> Project | None:
    """The nearest file with project-wide options, in *folder* or above it; None: there is none.

    In one folder prep-and-submit.toml goes first. What is above *home* is not looked at from inside it. Raises
    UsageError when the file that was found can't be read.
    """
    from prep.specs.toml import read_toml

    for above in (folder, *folder.parents):
        if (above / FILE).is_file():
            return Project(above / FILE, *read_toml(above / FILE))
        if (project := _table_in(above / PYPROJECT)) is not None:
            return project
        if above == home:
            return None
    return None


def _table_in(path: Path) -> Project | None:
    """None also for a pyproject.toml that does not so much as name this program: whatever else is wrong with it."""
    from prep.specs.toml import read_toml

    try:
        if TABLE.encode() not in path.read_bytes():
            return None
    except OSError:
        return None
    fields, text = read_toml(path)
    tool = fields.get("tool")
    keys = tool.get(TABLE) if isinstance(tool, dict) else None
    return Project(path, keys, text) if isinstance(keys, dict) else None


def defaults_of(project: Project, commands: Sequence[click.Command]) -> dict[str, Any]:
    """The value of each parameter that *project* names, by the parameter's name, checked as the command line is.

    A path is relative to the folder of the file. Raises UsageError naming each wrong key and its line.
    """
    from prep.errors import UsageError
    from prep.specs.toml import line_of
    from prep.validation import unknown

    options = _options(commands)
    known = sorted(_fixable(commands))
    found, wrong = {}, []
    for key, value in project.keys.items():
        line = line_of(project.text, (key,) if project.path.name == FILE else ("tool", TABLE, key))
        place = f"{project.path}{f':{line}' if line else ''}: {key}"
        if key in ON_THE_COMMAND_LINE and key in options:
            wrong.append(f"{place}: can only be given on the command line")
        elif key not in options:
            wrong.append(f"{place}: {unknown(key, known)}")
        else:
            try:
                found[str(options[key].name)] = _checked(options[key], value, project.path.parent)
            except click.BadParameter as error:
                wrong.append(f"{place}: {error.message}")
            except UsageError as error:
                wrong.append(f"{place}: {error}")
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


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
            raise click.BadParameter(f"should be a text or a number, not {one!r}")
    if isinstance(option.type, click.Path):
        values = [str(folder / str(one)) for one in values]
    for one in values:
        option.type.convert(one, option, None)
    return values if option.multiple else values[0]


def _here() -> Path | None:
    """The working directory; None when it is gone, as those of jobs and of other terminals may be."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


class ProjectDefaults(Mapping[str, Any]):
    """For click's `default_map`: read when the first parameter is wanted that the command line leaves open."""

    def __init__(self, commands: Callable[[], Sequence[click.Command]]) -> None:
        self._commands = commands
        self._found: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        context = click.get_current_context(silent=True)
        if context is not None and (context.resilient_parsing or not _fixable([context.command])):
            return {}  # what no file can change, and help and completion, are there whatever a file says
        if self._found is None:
            home = Path(os.path.expanduser("~")).resolve()
            project = find_project(here, home) if (here := _here()) else None
            self._found = defaults_of(project, self._commands()) if project else {}
        return self._found

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def from_project(name: str) -> bool:
    """Whether the parameter of that name has its value from the project, not from the command line."""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP
