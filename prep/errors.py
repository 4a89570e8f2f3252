"""The errors that a caller may meet, each with the exit code that the command gives for it.

Findings (a rule broken by a reference) are not errors: they are gathered and returned. An error means that the question
itself could not be answered.
"""

import errno
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prep.model.finding import Finding
    from prep.model.plan import Plan

# What the system says when there is no room: the disk is full, a quota is used up, a file is larger than allowed.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ExitCode(IntEnum):
    """The same for every subcommand."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 3
    REMOTE = 4
    REFUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143


class PrepError(Exception):
    """Base of all; str() is one message for a person, which names what is wrong and the next move.

    *findings* are what is wrong with files or parameters, where that is the reason.
    """

    exit_code = ExitCode.BUG
    findings: "tuple[Finding, ...]" = ()


class UsageError(PrepError):
    """The call itself is wrong: an unknown endpoint, a bad fragment, a folder that can't be written to."""

    exit_code = ExitCode.USAGE


class SpecError(UsageError):
    """A spec file does not describe an endpoint."""


class Busy(UsageError):
    """Another process, which is alive, is at work on the same folder or job."""


class UnreadableError(PrepError):
    """A reference is missing, empty, or not media that can be read."""

    exit_code = ExitCode.USAGE


def unreadable(label: str, error: OSError) -> UnreadableError:
    """The error about a file that the system does not let us read, or not any more."""
    return UnreadableError(f"{label}: can't be read: {error.strerror or error}")


class DamagedError(UnreadableError):
    """A reference has a sound header, but its content can't be decoded, or decodes to less than the header says."""


class UnwritableError(PrepError):
    """What is made can't be written, as when there is no room. Nothing half-made stays under a final name."""

    exit_code = ExitCode.USAGE
    data: Mapping[str, Any] = {}  # what `--json` adds beside the error


class ManyErrors(PrepError):
    """Several problems found in one pass, all told at once; *problems* holds them in order."""

    def __init__(self, problems: tuple[PrepError, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
        self.exit_code = problems[0].exit_code

    def __reduce__(self) -> "tuple[type[ManyErrors], tuple[tuple[PrepError, ...]]]":
        return type(self), (self.problems,)  # to travel between processes


class NonCompliantError(PrepError):
    """Preparation can't fix every finding. *findings* holds the rest, and the message ends with their rules.

    *plan* is what could be done, where a plan was made.
    """

    exit_code = ExitCode.FINDINGS

    def __init__(self, message: str, findings: "tuple[Finding, ...]" = (), plan: "Plan | None" = None) -> None:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings if finding.severity == "error"))
        super().__init__(f"{message}: {rules}" if rules else message)
        self.findings = findings
        self.plan = plan


class ToolError(PrepError):
    """A tool failed on a file that it should handle, or made a file that misses a limit. The file never leaves.

    *log* is the end of the tool's own complaints: for a bug report, not for users.
    """

    exit_code = ExitCode.BUG

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class RemoteError(PrepError):
    """The platform, or the server of a reference, failed or refused."""

    exit_code = ExitCode.REMOTE

    def __init__(self, message: str, findings: "tuple[Finding, ...]" = ()) -> None:
        super().__init__(message)
        self.findings = findings


class RefusedError(PrepError):
    """Refused before spending: the price is over the cap, or there is no key."""

    exit_code = ExitCode.REFUSED


class Cancelled(PrepError):
    """The caller asked to stop; half-made files are gone."""

    exit_code = ExitCode.INTERRUPTED
