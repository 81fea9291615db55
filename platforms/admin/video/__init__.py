"""The forms of videos: taken in, published, written down as templates, deleted."""
