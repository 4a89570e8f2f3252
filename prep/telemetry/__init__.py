"""Spans and metrics of OpenTelemetry, for programs that set up its providers; without those nothing is recorded."""
