"""Files on their way into the hub: from a browser, from a folder of the server, or from an address."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.fields import EncryptedJSONField
from platforms.models.video import Video
from platforms.models.video_template import VideoTemplate
from platforms.models.wording import render


class Way(models.TextChoices):
    """How a file comes into the hub."""

    BROWSER = "browser", _("From a browser")
    FOLDER = "folder", _("From the server's folder")
    ADDRESS = "address", _("From an address")


class Arrival(models.TextChoices):
    """How far a file is: `READY` waits for a video to take it, `TAKEN` has one."""

    ARRIVING = "arriving", _("Arriving")
    PAUSED = "paused", _("Paused")
    READY = "ready", _("Arrived")
    TAKEN = "taken", _("Added as a video")
    FAILED = "failed", _("Failed")


class IncomingFile(models.Model):
    """One file on its way in. The bytes on the disk are the truth; `received` is what pages show between two looks.

    `origin` says where the hub fetches it from (`path` below the ingest folder, or `address`, which may carry a
    secret, with the `validator` that a resumed download compares). `fingerprint` is what a browser recognises the
    file by. `facts` is what the media library said of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("begun by"))
    way = models.CharField(_("way"), max_length=10, choices=Way.choices)
    name = models.CharField(_("name"), max_length=255)
    size = models.BigIntegerField(_("size"), null=True)
    received = models.BigIntegerField(_("received"), default=0)
    md5 = models.CharField("md5", max_length=32, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    origin = EncryptedJSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=Arrival.choices, default=Arrival.ARRIVING)
    error = models.JSONField(_("error"), null=True, blank=True)
    makes_video = models.BooleanField(default=False)
    # What the video that it makes is started from.
    template = models.ForeignKey(VideoTemplate, models.SET_NULL, null=True, blank=True, related_name="+")
    video = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, verbose_name=_("video"))
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    touched_at = models.DateTimeField(_("last sign of life"), auto_now_add=True)

    # For files that the hub fetches itself: when, and who is at it, as with publications.
    next_run_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("incoming file")
        verbose_name_plural = _("incoming files")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "next_run_at"], name="incoming_due"),
            models.Index(fields=["state", "touched_at"], name="incoming_old"),
            models.Index(fields=["owner", "state", "-created_at"], name="incoming_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def error_text(self) -> str:
        """The error's sentence in the reader's language; empty without one."""
        return render(self.error)
