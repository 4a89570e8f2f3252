"""`prep-and-submit check`: its options, its reports, and their formats. May import all of prep."""
