"""Subtitles of videos, and their copies on platforms."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platforms.models.publication import Publication
from platforms.models.video import Video
from platforms.models.wording import render


def subtitle_path(subtitle: Subtitle, name: str) -> str:
    """Where a subtitle's file is kept: a folder a month, and a name that no upload can choose."""
    now: datetime = timezone.localtime()
    return f"subtitles/{now:%Y/%m}/{uuid.uuid4().hex}.{subtitle.format}"


class Subtitle(models.Model):
    """A checked file in UTF-8. One that is removed stays, without a place on any page, until no platform has it."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="subtitles", verbose_name=_("video"))
    language = models.CharField(_("language"), max_length=35)
    name = models.CharField(_("name"), max_length=100)
    format = models.CharField(_("format"), max_length=3)
    file = models.FileField(_("file"), upload_to=subtitle_path, max_length=300)
    original_name = models.CharField(_("original name"), max_length=255, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0)
    md5 = models.CharField("md5", max_length=32)
    cues = models.PositiveIntegerField(_("cues"), default=0)
    # What its check found that is worth a look: a list of {"line", "text", "params"}.
    remarks = models.JSONField(_("remarks"), default=list)
    is_default = models.BooleanField(_("default"), default=False)
    created_by = models.CharField(_("added by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        verbose_name = _("subtitle")
        verbose_name_plural = _("subtitles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["video"], condition=Q(is_default=True), name="one_default_a_video"),
            models.UniqueConstraint(
                fields=["video", "name"], condition=Q(removed_at=None), name="one_subtitle_a_video_and_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CopyState(models.TextChoices):
    """Where a copy stands. `SENDING`: the platform was asked to add it, and has not answered yet."""

    WAITING = "waiting", _("To be sent")
    SENDING = "sending", _("Being sent")
    THERE = "there", _("In step")
    CHANGING = "changing", _("To be changed")
    REMOVING = "removing", _("To be removed")
    FAILED = "failed", _("Failed")
    MISSING = "missing", _("Not on the platform")


class SubtitleCopy(models.Model):
    """One subtitle on one publication: the intention before the call, what the platform has after it.

    `remote_name` and `remote_default` are what the platform said last. `before` are the ids that it listed when it was
    asked to add this one: what it lists since is how a lost answer is found again.
    """

    # Both are found by indexes that begin with them.
    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="subtitle_copies", verbose_name=_("publication"), db_index=False
    )
    subtitle = models.ForeignKey(Subtitle, models.CASCADE, related_name="copies", verbose_name=_("subtitle"))
    state = models.CharField(_("state"), max_length=20, choices=CopyState.choices, default=CopyState.WAITING)
    remote_id = models.CharField(_("remote id"), max_length=100, blank=True)
    remote_name = models.CharField(_("name on the platform"), max_length=300, blank=True)
    remote_default = models.BooleanField(_("default on the platform"), default=False)
    before = models.JSONField(default=list)
    error = models.JSONField(_("error"), null=True)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    tried_at = models.DateTimeField(_("last tried"), null=True)

    class Meta:
        verbose_name = _("copy of a subtitle")
        verbose_name_plural = _("copies of subtitles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "subtitle"], name="one_copy_a_publication_and_subtitle"),
            models.UniqueConstraint(
                fields=["publication", "remote_id"], condition=~Q(remote_id=""), name="one_copy_a_remote_subtitle"
            ),
        ]
        indexes = [models.Index(fields=["state", "publication"], name="subtitle_copy_state")]

    def __str__(self) -> str:
        return f"{self.subtitle} → {self.publication}"

    @property
    def error_text(self) -> str:
        """Why it is not as it should be, in the reader's language; empty without an error."""
        return render(self.error)
