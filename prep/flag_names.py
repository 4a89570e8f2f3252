"""What the library calls a parameter, the command calls a flag: messages hold `name` or `name=value`, and one place
turns them into what one types.
"""

import re

MARKED = re.compile(r"`([^`]+)`")
FLAGS = {
    "network=Network(allow_private=True)": "--allow-private-network",
    "again": "--again",
    "duration": "--duration",
    "max_cost": "--max-cost",
    "request_id": "--request-id ID",
    "resolution": "--resolution",
    "resubmit": "--resubmit",
    "state": "--state",
}


def in_flags(message: str) -> str:
    """*message*, made for somebody who called the library, for somebody who typed a command."""
    return MARKED.sub(lambda found: _flag(found[1]) or found[0], message)


def _flag(parameter: str) -> str:
    if parameter in FLAGS:
        return FLAGS[parameter]
    name, _, value = parameter.partition("=")
    return f"{FLAGS[name]} {value}" if name in FLAGS else ""
