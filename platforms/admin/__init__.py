"""The admin: one file per model. Importing this registers all of them."""

from platforms.admin import accounts, events, people, publications, system, videos

__all__ = ["accounts", "events", "people", "publications", "system", "videos"]
