"""`prep-and-submit completion`."""

import click

from prep.cli.arguments import Choice

SHELLS = ("bash", "zsh", "fish")


@click.command(epilog="Example: prep-and-submit completion fish | source")
@click.argument("shell", type=Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print a script that makes the shell complete subcommands, options, endpoints, rules and files.

    \b
    bash  eval "$(prep-and-submit completion bash)"     in ~/.bashrc
    zsh   eval "$(prep-and-submit completion zsh)"      in ~/.zshrc, after compinit
    fish  prep-and-submit completion fish | source      in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from prep.errors import ExitCode

    root = context.find_root()
    name = str(root.info_name)
    kind = get_completion_class(shell)
    assert kind is not None  # click knows all of SHELLS
    script = kind(root.command, {}, name, f"_{name.replace('-', '_').upper()}_COMPLETE").source()
    click.echo(script.strip())
    return ExitCode.OK
