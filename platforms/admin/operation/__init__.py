"""Asking for work on platforms, page by page, and what became of it."""
