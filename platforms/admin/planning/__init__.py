"""Times to publish and to block: on a publication's page, in forms, and all of them by day."""
