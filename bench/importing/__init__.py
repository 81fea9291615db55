"""Bringing in a large library."""
