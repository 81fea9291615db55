"""Categories to choose from, and what their pages show."""
