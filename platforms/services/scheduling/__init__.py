"""Scheduling: a video is published at a time, and blocked at a time.

A plan is an `Operation` of the kind `publish_at` or `block_at` with the time as its `planned_at`; a publication has at
most one of each that is open. Where the platform can block, the video is uploaded now and kept blocked (`held` on the
publication) until its time; elsewhere its upload does not begin before (`upload_from`).
"""
