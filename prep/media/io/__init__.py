"""Bytes: local files, content in memory, hashing, and names that are safe to write."""
