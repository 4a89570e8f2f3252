"""Parameters in messages: the library's own name, and in the command the flag."""

import inspect
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import click
import pytest

from prep import Network, check
from prep.errors import ExitCode, RefusedError, UsageError
from prep.flag_names import FLAGS, in_flags
from prep.model.generation import Generation
from prep.model.plan import Options
from submit import batch, resume, run
from submit.command import COMMANDS, group
from tests.submit.cloud import Cloud

Say = Callable[..., tuple[int, str, str]]


def test_every_parameter_and_every_flag_is_there() -> None:
    taken = {name for call in (check, run, resume, batch) for name in inspect.signature(call).parameters}
    assert {name.partition("=")[0] for name in FLAGS} <= taken | set(Generation.model_fields) | set(
        Options.model_fields
    )
    commands = [group.get_command(click.Context(group), name) for name in COMMANDS]
    flags = {flag for command in commands if command for option in command.params for flag in option.opts}
    assert {flag.partition(" ")[0] for flag in FLAGS.values()} <= flags
    assert Network(allow_private=True)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("name another with `state`", "name another with --state"),
        ("`duration=4` would cost $1", "--duration 4 would cost $1"),
        ("`network=Network(allow_private=True)` allows it", "--allow-private-network allows it"),
        ("`content[1]` of the platform, `other` and a ` alone", "`content[1]` of the platform, `other` and a ` alone"),
    ],
)
def test_in_flags(message: str, told: str) -> None:
    assert in_flags(message) == told


def test_the_library_names_what_to_pass_and_the_command_what_to_type(say: Say) -> None:
    with pytest.raises(UsageError, match=r"use https://\. `network=Network\(allow_private=True\)` allows it"):
        check("http://example.com/a.mp4")
    code, _, told = say("check", "http://example.com/a.mp4")
    assert code == ExitCode.USAGE
    assert "use https://. --allow-private-network allows it" in told


def test_what_would_be_cheaper(media: Callable[[str], Path], tmp_path: Path, say: Say) -> None:
    clip = media("silent_720p.mp4")
    asked = Generation(duration="12", resolution="720p", aspect_ratio="16:9")
    with pytest.raises(RefusedError, match=r"is over your \$2\.00 cap; (.|\n)*`duration=\d+` would cost"):
        run(clip, "@Video1", out=tmp_path / "out", generation=asked, max_cost=Decimal(2), platform=Cloud())
    options = ("--duration", "12", "--resolution", "720p", "--aspect-ratio", "16:9", "--max-cost", "2", "--sandbox")
    code, _, told = say("run", str(clip), "--prompt", "@Video1", *options, "--out", str(tmp_path / "out"))
    assert code == ExitCode.REFUSED
    assert "is over your $2.00 cap; " in told and "--duration " in told and "`" not in told
