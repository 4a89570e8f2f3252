"""Faults to simulate: their notation, when each strikes, and what it does."""
