"""Findings, plans and manifests as text, JSON, XML and HTML: pure. Imports rules, planning and model; never prints."""
