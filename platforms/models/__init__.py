"""Rows. They make no calls; services are the verbs."""

from platforms.models.account import Account, Health
from platforms.models.event import Event
from platforms.models.publication import Publication, UploadSession
from platforms.models.pulse import Pulse
from platforms.models.video import Video

__all__ = ["Account", "Event", "Health", "Publication", "Pulse", "UploadSession", "Video"]
