"""Entry point of the `prep-and-submit` command: a Ctrl-C is answered in one line also while modules are imported."""

import os
import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    # pydantic would read the metadata of all installed packages to look for plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from submit.command import main as run
    except KeyboardInterrupt:
        sys.stderr.write("prep-and-submit: interrupted\n")
        return 130
    return run()
