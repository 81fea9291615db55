"""Watching videos: the hub's own file, covers, and what platforms hand out when somebody asks."""
