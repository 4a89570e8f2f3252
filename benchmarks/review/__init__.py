"""The review page: how quick it is, and pictures of it for the documentation."""
