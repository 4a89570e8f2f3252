"""Frozen values that the stages hand to each other. Imports errors, telemetry and validation only."""
