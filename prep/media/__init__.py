"""The only code that opens media or runs programs. Imports model and rules; knows no planning and no network."""
