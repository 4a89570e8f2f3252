"""Opened, probed sources from what the user named. Imports media, net and model."""
