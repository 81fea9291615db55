"""Subtitles on a video's page."""
