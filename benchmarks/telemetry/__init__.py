"""Cost of spans and metrics."""
