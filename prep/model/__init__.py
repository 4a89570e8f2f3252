"""Frozen values that the stages hand to each other. Imports prep.errors and prep.validation only."""
