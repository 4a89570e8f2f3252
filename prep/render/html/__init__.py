"""The HTML page of a report: its values, and the template that shows them. Imports planning, rules and model."""
