"""Videos: a master file with its metadata, free of any platform."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.category import HubCategory
from platforms.models.pairs import PairsIndex


def source_path(video: Video, name: str) -> str:
    """Where a video's file is kept: a folder a month, and a name that no upload can choose."""
    now: datetime = timezone.localtime()
    return f"videos/{now:%Y/%m}/{uuid.uuid4().hex}{PurePath(name).suffix.lower()[:12]}"


def split_tags(text: str) -> list[str]:
    """The tags in a line that separates them by commas of either width, in order and without repeats."""
    return list(dict.fromkeys(tag.strip() for tag in re.split("[,，、;；\n]", text) if tag.strip()))


class Video(models.Model):
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    tags = models.CharField(_("tags"), max_length=500, blank=True, help_text=_("Separated by commas."))
    category = models.ForeignKey(
        HubCategory, models.SET_NULL, null=True, blank=True, related_name="videos", verbose_name=_("category"),
        help_text=_("Each account gets the category of its own that this one is mapped to."),
    )  # fmt: skip
    source = models.FileField(_("file"), upload_to=source_path, max_length=300, blank=True)
    original_name = models.CharField(_("original name"), max_length=255, blank=True, editable=False)
    size = models.BigIntegerField(_("size"), default=0, editable=False)
    md5 = models.CharField("md5", max_length=32, blank=True, db_index=True, editable=False)
    # How the file was when a storage that is not a disk took it in: see `Look.mark`.
    mark = models.CharField(max_length=16, blank=True, editable=False)
    container = models.CharField(_("container"), max_length=50, blank=True, editable=False)
    codecs = models.CharField(_("codecs"), max_length=100, blank=True, editable=False)
    duration = models.FloatField(_("duration"), null=True, editable=False)
    width = models.PositiveIntegerField(_("width"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height"), null=True, editable=False)
    # A picture that one of its platforms has made, chosen by staff: its address there.
    cover = models.CharField(_("cover"), max_length=1000, blank=True, editable=False)
    cover_from = models.ForeignKey(
        "platforms.Publication", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # The account on which it was found, of a video that the hub never had the file of. Found by an index below.
    imported_from = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, editable=False, related_name="imported_videos",
        verbose_name=_("imported from"), db_index=False,
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, verbose_name=_("added by")
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="video_newest"),
            models.Index(fields=["title", "-id"], name="video_title"),
            models.Index(fields=["imported_from", "-id"], name="video_imported", condition=~Q(imported_from=None)),
            PairsIndex(fields=["title", "tags", "original_name"], name="video_words"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def extension(self) -> str:
        """Of the original name, lower-case and without the dot."""
        return PurePath(self.original_name).suffix.lstrip(".").lower()
