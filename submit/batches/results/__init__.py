"""Results of a batch: its folder, the end of each row, summary, page and mirror. Imports no scheduler."""
