"""Metadata of videos here and on platforms: compared, changed by people, sent there and taken over from there."""
