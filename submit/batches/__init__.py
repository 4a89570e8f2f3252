"""Many jobs under one budget: rows, preparation ahead, slots on the platform, results that a killed run returns to."""
