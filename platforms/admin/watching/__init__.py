"""Watching a video in the hub, and what its platforms hand out for watching it elsewhere."""
