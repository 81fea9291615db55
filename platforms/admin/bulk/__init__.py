"""The form and the rows of bulk uploads."""
