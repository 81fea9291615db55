"""The admin: a file for each model; what its pages are made of lies in packages. Importing this registers all."""

from platforms.admin import (
    access_keys,
    accounts,
    bulk_uploads,
    categories,
    deliveries,
    events,
    hub_categories,
    operations,
    people,
    publications,
    system,
    video_templates,
    videos,
)

__all__ = [
    "access_keys",
    "accounts",
    "bulk_uploads",
    "categories",
    "deliveries",
    "events",
    "hub_categories",
    "operations",
    "people",
    "publications",
    "system",
    "video_templates",
    "videos",
]
