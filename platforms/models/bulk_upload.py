"""Bulk uploads: a folder or a table of videos, checked as a whole, then taken in row by row."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.category import HubCategory
from platforms.models.incoming_file import IncomingFile
from platforms.models.video import Video
from platforms.models.wording import render


class BulkState(models.TextChoices):
    """How far a bulk upload is: `CHECKED` waits for a person's word."""

    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class RowState(models.TextChoices):
    """What has become of one row. `WRONG` has problems; `READY` is good and not queued."""

    WRONG = "wrong", _("To be corrected")
    READY = "ready", _("Good")
    WAITING = "waiting", _("Waiting")
    ARRIVING = "arriving", _("Being taken in")
    DONE = "done", _("Queued for upload")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class BulkUpload(models.Model):
    """One folder or table. `name` is what it is called, `actor` whoever began it, as histories name them.

    `choices` is what was chosen on the form, to begin with when a corrected table is uploaded; without secrets.
    `notes` are stored sentences; `note` is one: why it cannot go on at this moment.
    """

    name = models.CharField(_("folder or table"), max_length=255)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("begun by"))
    actor = models.CharField(_("begun by"), max_length=150)
    state = models.CharField(_("state"), max_length=10, choices=BulkState.choices, default=BulkState.CHECKED)
    choices = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    note = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(_("checked"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    next_run_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("bulk upload")
        verbose_name_plural = _("bulk uploads")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "next_run_at"], name="bulk_due")]

    def __str__(self) -> str:
        return self.name


class BulkRow(models.Model):
    """One video of a bulk upload.

    `number` is the row as people count it, `path` lies below the ingest folder, spelled as addresses carry it.
    `targets`: a list of `{"account": id, "category": str | null, "options": {...}}` (null: what `hub_category` stands
    for). `publish_at` and `block_at` are local times of each account ("2026-12-01T08:00"), or have an offset.
    `subtitles`: a list of `{"path": str, "language": str}`, paths below the ingest folder.
    `filling`: `{"template": id, "number": int, "own": {...}}` when a template fills in what the row leaves empty.
    `problems`: a list of `{"column": str, "account": name, "sentence": {...}}`, from the check.
    `outcomes`: a list of `{"account": name, "what": "queued"|"there"|"refused", "publication": id, "sentence": {...}}`.
    `mark` tells one state of the file from another; with it `md5` is known without reading the file again.
    """

    job = models.ForeignKey(BulkUpload, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(_("row"))
    path = models.TextField(_("file"))
    title = models.CharField(_("title"), max_length=1000, blank=True)
    description = models.TextField(_("description"), blank=True)
    tags = models.TextField(_("tags"), blank=True)
    targets = models.JSONField(default=list)
    hub_category = models.ForeignKey(HubCategory, models.SET_NULL, null=True)
    publish_at = models.CharField(max_length=32, blank=True)
    block_at = models.CharField(max_length=32, blank=True)
    subtitles = models.JSONField(default=list)
    filling = models.JSONField(default=dict)
    problems = models.JSONField(default=list)

    state = models.CharField(_("state"), max_length=10, choices=RowState.choices, default=RowState.READY)
    incoming = models.ForeignKey(IncomingFile, models.SET_NULL, null=True)
    video = models.ForeignKey(Video, models.SET_NULL, null=True)
    mark = models.CharField(max_length=64, blank=True, db_index=True)
    md5 = models.CharField(max_length=32, blank=True)
    outcomes = models.JSONField(default=list)
    error = models.JSONField(null=True)

    class Meta:
        verbose_name = _("row of a bulk upload")
        verbose_name_plural = _("rows of bulk uploads")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_bulk_row_a_number")]
        indexes = [
            models.Index(fields=["job", "state", "number"], name="bulk_row_state"),
            models.Index(fields=["state"], name="bulk_row_of_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.path}"

    @property
    def error_text(self) -> str:
        """What went wrong with the file, in the reader's language; empty without an error."""
        return render(self.error)
