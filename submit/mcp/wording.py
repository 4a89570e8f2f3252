"""Words for agents: messages name flags and commands, which become parameters and tools."""

import re

from prep.flag_names import FLAGS, in_flags

TOOLS = ("check", "plan", "prep", "price", "submit", "status", "result", "cancel", "limits", "explain")
COMMAND = re.compile(r"'prep-and-submit ([a-z]+)(?: ([^']*))?'")
FLAG = re.compile(r"--[a-z][a-z-]+")
PARAMETERS = {flag.split()[0]: name for name, flag in FLAGS.items()} | {
    "--no-audio": "generation.generate_audio=false",
    "--prompt": "prompt",
    "--out": "out",
    **{f"--{name.replace('_', '-')}": f"generation.{name}" for name in ("aspect_ratio", "duration", "resolution")},
    **{f"--{name}": f"options.{name}" for name in ("background", "fit", "loudness", "seconds", "short", "window")},
    "--strip-metadata": "options.strip_metadata",
    "--allow-private-network": "",  # the person's, at the start of the server
}


def in_tools(text: str) -> str:
    """*text*, written for somebody at a terminal, for a caller of the tools."""

    def tool(match: re.Match[str]) -> str:
        name, rest = match[1], match[2]
        return f"`{name}`{f' ({rest})' if rest else ''}" if name in TOOLS else match[0]

    def parameter(match: re.Match[str]) -> str:
        name = PARAMETERS.get(match[0])
        return f"`{name}`" if name else match[0]

    return FLAG.sub(parameter, COMMAND.sub(tool, in_flags(text)))
