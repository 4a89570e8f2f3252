"""The only HTTP client: judged addresses and range reads. Imports model only."""
