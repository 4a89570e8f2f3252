"""Parameters of the library as flags of the command: messages hold `name` or `name=value`, which becomes a flag."""

import re

MARKED = re.compile(r"`([^`]+)`")
FLAGS = {
    "network=Network(allow_private=True)": "--allow-private-network",
    "again": "--again",
    "background": "--background",
    "duration": "--duration",
    "fit": "--fit",
    "loudness": "--loudness",
    "max_cost": "--max-cost",
    "mute": "--mute",
    "request_id": "--request-id ID",
    "resolution": "--resolution",
    "resubmit": "--resubmit",
    "seconds": "--seconds",
    "short": "--short",
    "skip_bad=True": "--skip-bad",
    "skip_unreadable=True": "--skip-bad",
    "state": "--state",
    "strip_metadata": "--strip-metadata",
    "upload_to": "--upload-to",
    "window": "--window",
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
