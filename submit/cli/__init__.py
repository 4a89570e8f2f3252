"""The subcommands of submission: parse, call one function, render, return an exit code."""
