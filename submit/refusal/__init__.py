"""Translation of the platform's refusals into findings that name the user's files. Imports prep.rules only."""
