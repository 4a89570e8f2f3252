"""`prep-and-submit check`: its options, what it runs, and its output. May import all of prep."""
