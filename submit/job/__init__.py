"""The life of one job: upload, POST, poll, reconcile, receipt. Imports the journal, the platform port and request."""
