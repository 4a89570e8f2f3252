"""Isolation: media from strangers are read in worker processes with limits. Imports values and errors only.

docs/security.md says what that protects from, and docs/decisions/0010 why it is built as it is.
"""
