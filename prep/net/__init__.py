"""The only HTTP client: judged addresses and range reads. Begin with `remote_file`. Imports model only."""
