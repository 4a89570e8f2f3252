"""View of the page, as JSON in the words of the command. Imports board and work, which import nothing of it."""
