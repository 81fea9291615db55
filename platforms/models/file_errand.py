"""What is still to be done with a video's file: bring it into the storage, or remove it from there."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.video import Video
from platforms.models.wording import render


class Errand(models.TextChoices):
    """`BRING`: from a machine's disk into the storage; `CLEAR`: away from that disk; `REMOVE`: out of the storage."""

    BRING = "bring", _("On its way into the storage")
    CLEAR = "clear", _("To be removed from the disk")
    REMOVE = "remove", _("To be removed from the storage")


class FileErrand(models.Model):
    """One errand for the file `name` of a storage that is not a disk. It ends with its row.

    A file that is to be brought or cleared lies below MEDIA_ROOT under the same name, on a disk that not every machine
    may see: who sees it does it. `video` is the one whose file is being brought.
    """

    kind = models.CharField(_("what is done"), max_length=10, choices=Errand.choices)
    name = models.CharField(_("file"), max_length=300)
    video = models.OneToOneField(Video, models.SET_NULL, null=True, related_name="errand", verbose_name=_("video"))
    error = models.JSONField(_("error"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    next_run_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("errand for a file")
        verbose_name_plural = _("errands for files")
        ordering = ["next_run_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def error_text(self) -> str:
        """What has kept it from being done, in the reader's language; empty without an error."""
        return render(self.error)
