"""Accounts: one login on one platform."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.fields import EncryptedJSONField
from platforms.models.wording import render
from platforms.values import Platform

PLATFORM_LABELS = {Platform.YOUKU: _("Youku"), Platform.IQIYI: _("iQiyi"), Platform.BAIJIAYUN: _("Baijiayun")}


class Health(models.TextChoices):
    """Whether the account works: paused until a time, or waiting for a person."""

    OK = "ok", _("Works")
    PAUSED = "paused", _("Paused")
    NEEDS_PERSON = "needs_person", _("Needs a person")


class Account(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("How staff and commands call it."))
    platform = models.CharField(_("platform"), max_length=20, choices=list(PLATFORM_LABELS.items()))
    credentials = EncryptedJSONField(_("credentials"), default=dict, editable=False)
    options = models.JSONField(_("options"), default=dict, blank=True, editable=False)
    health = models.CharField(_("health"), max_length=20, choices=Health.choices, default=Health.OK, editable=False)
    health_reason = models.JSONField(_("reason"), null=True, blank=True, editable=False)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    token_expires_at = models.DateTimeField(_("token expires"), null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(_("last check"), null=True, blank=True, editable=False)
    quota = models.JSONField(_("quota"), default=dict, blank=True, editable=False)
    # Held by the one process that refreshes the token now.
    token_lease_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def health_text(self) -> str:
        """Why the account does not work, in the reader's language; empty when it does."""
        return render(self.health_reason)
