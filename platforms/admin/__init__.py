"""The admin: one file per model."""
