"""The parts of an account's page."""
