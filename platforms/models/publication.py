"""Publications: one video on one account, the row everything happens to; and the resume state of its upload."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.fields import EncryptedJSONField
from platforms.models.pairs import PairsIndex
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


#: The category that a publication stands in: as the platform has said, else as it was asked for.
STANDS_IN = Coalesce("remote_category", "category")


def name_of(title: str, account: Account) -> str:
    """What a publication of a video under this title is called."""
    return f"{title} → {account.name}"


class Publication(models.Model):
    # Both are found by indexes that begin with them.
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="publications", verbose_name=_("video"), db_index=False
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="publications", verbose_name=_("account"), db_index=False
    )
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
    # What went over the line, repeated bytes too.
    bytes_moved = models.BigIntegerField(_("bytes moved"), default=0)
    upload_seconds = models.FloatField(_("seconds of upload"), default=0)
    uploaded_at = models.DateTimeField(_("uploaded"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    looks = models.PositiveIntegerField(_("looks"), default=0)
    error = models.JSONField(_("error"), null=True, blank=True)
    # Since when the platform has worked on it, as far as it is followed; a person's Refresh begins anew.
    followed_since = models.DateTimeField(null=True, editable=False)
    looked_closely_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)

    # While somebody has planned when it is to be seen: that time, before which its upload does not begin where the
    # platform cannot block (`upload_from`); where it can, the video is kept blocked (`held`) until somebody lets it go.
    publish_at = models.DateTimeField(_("planned for"), null=True, editable=False)
    upload_from = models.DateTimeField(null=True, editable=False)
    held = models.BooleanField(default=False, editable=False)

    # What is to happen next and who is at it. The fence goes up with each claim: whoever holds an older one stops.
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(_("worker"), max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    page_url = models.CharField(_("page"), max_length=1000, blank=True)
    embed_url = models.CharField(_("embed"), max_length=1000, blank=True)
    cover_url = models.CharField(_("cover"), max_length=1000, blank=True)
    remote_title = models.CharField(_("title on the platform"), max_length=300, blank=True)
    # None: the platform has not said it, or never does.
    remote_description = models.TextField(_("description on the platform"), null=True, editable=False)
    remote_tags = models.CharField(_("tags on the platform"), max_length=500, null=True, editable=False)
    remote_category = models.CharField(_("category on the platform"), max_length=100, null=True, editable=False)
    # Whether one of these is not what the hub has: kept by `services/metadata`.
    differs = models.BooleanField(_("differs from the platform"), default=False, editable=False)
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
            models.Index(fields=["state", "-state_at"], name="publication_since"),
            models.Index(fields=["account", "-id"], name="publication_account"),
            models.Index(fields=["remote_id"], name="publication_remote_id"),
            models.Index(fields=["-id"], name="publication_differs", condition=Q(differs=True)),
            # How many stand in each category, in the order of the index.
            models.Index(F("account"), STANDS_IN, F("state"), name="publication_stands_in"),
            models.Index(fields=["state", "publish_at"], name="publication_kept_hidden", condition=Q(held=True)),
            PairsIndex(fields=["title"], name="publication_own_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return name_of(self.shown_title, self.account)

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
