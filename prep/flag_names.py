"""Parameters of the library as flags of the command: messages hold `name` or `name=value`, which becomes a flag."""

import re

MARKED = re.compile(r"`([^`]+)`")
NAMES = (
    *("again", "background", "duration", "fit", "loudness", "max_cost", "mute", "resolution", "resubmit"),
    *("seconds", "short", "state", "strip_metadata", "upload_to", "window"),
)
FLAGS = {name: f"--{name.replace('_', '-')}" for name in NAMES} | {
    "network=Network(allow_private=True)": "--allow-private-network",
    "request_id": "--request-id ID",
    "skip_bad=True": "--skip-bad",
    "skip_unreadable=True": "--skip-bad",
}


def in_flags(message: str, quote: str = "") -> str:
    """*message*, written for a caller of the library, for a user of the command; *quote* goes around each flag."""

    def flag(match: re.Match[str]) -> str:
        name = _flag(match[1])
        return f"{quote}{name}{quote}" if name else match[0]

    return MARKED.sub(flag, message)


def _flag(parameter: str) -> str:
    if parameter in FLAGS:
        return FLAGS[parameter]
    name, _, value = parameter.partition("=")
    return f"{FLAGS[name]} {value}" if name in FLAGS else ""
