"""Publications: one video on one account, the row everything happens to; and the resume state of its upload."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.fields import EncryptedJSONField
from platforms.models.video import Video, split_tags
from platforms.models.wording import render
from platforms.values import State

STATE_LABELS = {
    State.DRAFT: _("Draft"),
    State.QUEUED: _("Waiting"),
    State.UPLOADING: _("Uploading"),
    State.PAUSED: _("Paused"),
    State.PROCESSING: _("Transcoding"),
    State.REVIEWING: _("In review"),
    State.PUBLISHED: _("Published"),
    State.BLOCKED: _("Blocked"),
    State.REJECTED: _("Rejected"),
    State.FAILED: _("Failed"),
    State.CANCELLED: _("Cancelled"),
    State.UNKNOWN: _("Needs a decision"),
    State.DELETING: _("Deleting"),
    State.DELETED: _("Deleted"),
    State.MISSING: _("Missing on platform"),
}


class Publication(models.Model):
    video = models.ForeignKey(Video, models.PROTECT, related_name="publications", verbose_name=_("video"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="publications", verbose_name=_("account"))
    title = models.CharField(_("title"), max_length=200, blank=True, help_text=_("Empty: the video's own."))
    description = models.TextField(_("description"), blank=True, max_length=4000)
    tags = models.CharField(_("tags"), max_length=500, blank=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)

    state = models.CharField(_("state"), max_length=20, choices=list(STATE_LABELS.items()), default=State.DRAFT)
    state_source = models.CharField(_("known from"), max_length=100, blank=True)
    state_at = models.DateTimeField(_("since"), null=True)
    remote_id = models.CharField(_("remote id"), max_length=100, null=True, blank=True)
    raw_state = models.CharField(_("platform's state"), max_length=100, blank=True)
    raw_words = models.CharField(_("platform's words"), max_length=500, blank=True)
    bytes_total = models.BigIntegerField(_("bytes"), default=0)
    bytes_sent = models.BigIntegerField(_("bytes sent"), default=0)
    upload_seconds = models.FloatField(_("seconds of upload"), default=0)
    uploaded_at = models.DateTimeField(_("uploaded"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    looks = models.PositiveIntegerField(_("looks"), default=0)
    error = models.JSONField(_("error"), null=True, blank=True)

    # What is to happen next and who is at it. The fence goes up with each claim: whoever holds an older one stops.
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(_("worker"), max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    page_url = models.CharField(_("page"), max_length=1000, blank=True)
    embed_url = models.CharField(_("embed"), max_length=1000, blank=True)
    cover_url = models.CharField(_("cover"), max_length=1000, blank=True)
    remote_duration = models.FloatField(_("duration"), null=True, blank=True)
    plays = models.BigIntegerField(_("plays"), null=True, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["video", "account"], name="one_publication_a_video_and_account"),
            models.UniqueConstraint(fields=["account", "remote_id"], name="one_publication_a_remote_id"),
            models.CheckConstraint(condition=Q(bytes_sent__lte=F("bytes_total")), name="no_more_sent_than_there_is"),
        ]
        indexes = [
            models.Index(fields=["state", "next_run_at"], name="publication_due"),
            models.Index(fields=["account", "state", "-id"], name="publication_account_state"),
            models.Index(fields=["state", "-id"], name="publication_state"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_title} → {self.account.name}"

    @property
    def shown_title(self) -> str:
        return self.title or self.video.title

    @property
    def shown_description(self) -> str:
        return self.description or self.video.description

    @property
    def shown_tags(self) -> list[str]:
        return split_tags(self.tags or self.video.tags)

    @property
    def percent(self) -> int:
        """How much of the file has been sent, 0 to 100."""
        return int(self.bytes_sent * 100 / self.bytes_total) if self.bytes_total else 0

    @property
    def error_text(self) -> str:
        """The error's sentence in the reader's language; empty without one."""
        return render(self.error)

    @property
    def links(self) -> dict[str, str]:
        return {name: url for name, url in (("page", self.page_url), ("embed", self.embed_url)) if url}


class UploadSession(models.Model):
    """The resume state of one publication's upload: a row, so that any worker on any machine can go on.

    `token` belongs to the driver and may hold temporary credentials, hence encrypted. `fingerprint` says which bytes
    it is about.
    """

    publication = models.OneToOneField(Publication, models.CASCADE, related_name="session")
    protocol = models.CharField(_("protocol"), max_length=40, blank=True)
    fingerprint = models.CharField(_("file fingerprint"), max_length=80)
    part_size = models.PositiveBigIntegerField(_("part size"), null=True)
    bytes_done = models.BigIntegerField(_("bytes done"), default=0)
    token = EncryptedJSONField(default=dict, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("upload session")
        verbose_name_plural = _("upload sessions")

    def __str__(self) -> str:
        return str(self.publication)
