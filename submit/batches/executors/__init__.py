"""Executors: where rows are prepared. This machine needs no service; others implement the same port, in `executor`."""
