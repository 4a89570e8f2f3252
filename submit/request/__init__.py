"""The endpoint's arguments: schema, prompt compilation, preflight checks and price."""
