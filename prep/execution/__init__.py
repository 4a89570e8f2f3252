"""Files from a plan: execute, verify, the cache of prepared files, folder locks. Imports media, rules and model."""
