"""Subtitles: checked when they are added, kept with their video, and brought to the platforms that have them."""
