"""Revisions: who changed which metadata, from what to what; written once and never changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platforms.models.publication import Publication
from platforms.models.video import Video


class Revision(models.Model):
    """One change of a video's metadata or, with `publication`, of what the video has of its own on one account.

    `changes` maps the name of a field to its value before and after, both as people typed them.
    """

    # Found by an index that begins with it.
    video = models.ForeignKey(
        Video, models.CASCADE, related_name="revisions", verbose_name=_("video"), db_index=False
    )  # fmt: skip
    publication = models.ForeignKey(
        Publication, models.CASCADE, null=True, related_name="revisions", verbose_name=_("publication")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.CharField(_("who"), max_length=150)
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-id"]
        indexes = [models.Index(fields=["video", "-id"], name="revision_video")]

    def __str__(self) -> str:
        return f"{self.video} #{self.pk}"
