"""Findings, plans and manifests as text, JSON, XML and HTML: pure. Imports specs and below; never prints."""
