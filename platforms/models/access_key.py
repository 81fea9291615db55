"""Access keys: who may watch videos whose platform asks the hub before it plays them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.pairs import PairsIndex
from platforms.models.video import Video


class AccessKey(models.Model):
    """One viewer's permission to watch one video, or all of an account, until a time and perhaps so many times.

    The viewer carries a signed token that names this row (services/access_keys.py); the row itself is no secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="access_keys", verbose_name=_("account"))
    video = models.ForeignKey(
        Video, models.CASCADE, null=True, blank=True, verbose_name=_("video"), help_text=_("Empty: every video.")
    )
    viewer = models.CharField(_("viewer"), max_length=150, blank=True, help_text=_("Who it is for; only you see it."))
    expires_at = models.DateTimeField(_("expires"))
    most_plays = models.PositiveIntegerField(_("plays"), null=True, blank=True, help_text=_("Empty: any number."))
    plays = models.PositiveIntegerField(_("played"), default=0, editable=False)
    refusals = models.PositiveIntegerField(_("refused"), default=0, editable=False)
    last_asked_at = models.DateTimeField(_("last asked"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    created_by = models.CharField(_("issued by"), max_length=150, editable=False)
    created_at = models.DateTimeField(_("issued"), auto_now_add=True)

    class Meta:
        verbose_name = _("access key")
        verbose_name_plural = _("access keys")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most_plays=None) | Q(plays__lte=F("most_plays")), name="no_more_plays_than_allowed"
            )
        ]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="access_key_account"),
            models.Index(fields=["-created_at", "-id"], name="access_key_newest"),
            models.Index(fields=["expires_at", "-id"], name="access_key_expiry"),
            models.Index(
                fields=["-created_at", "-id"], name="access_key_revoked", condition=Q(revoked_at__isnull=False)
            ),
            PairsIndex(fields=["viewer"], name="access_key_viewer"),
        ]

    def __str__(self) -> str:
        return self.viewer or str(self.pk)[:8]
