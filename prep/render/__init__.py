"""Findings, plans and manifests as text and JSON: pure, no printing."""
