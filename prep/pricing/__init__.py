"""Prices: what a generation costs, from the numbers of a spec, and how a bill compares. May import specs and model."""
