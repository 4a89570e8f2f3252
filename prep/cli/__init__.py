"""The subcommands of preparation: parse, call one function, render, return an exit code. May import all of prep."""
