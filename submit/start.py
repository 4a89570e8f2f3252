"""Entry point of the `prep-and-submit` command: a Ctrl-C is answered in one line also while modules are imported."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        from submit.command import main as run
    except KeyboardInterrupt:
        sys.stderr.write("prep-and-submit: interrupted\n")
        return 130
    return run()
