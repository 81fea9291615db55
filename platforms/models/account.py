"""Accounts: one login on one platform."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.fields import EncryptedJSONField
from platforms.models.wording import render
from platforms.values import Platform

PLATFORM_LABELS = {Platform.YOUKU: _("Youku"), Platform.IQIYI: _("iQiyi"), Platform.BAIJIAYUN: _("Baijiayun")}


def new_callback_id() -> str:
    """The part of an account's callback addresses that nobody can guess."""
    return secrets.token_urlsafe(24)


def hub_time_zone() -> str:
    """The time zone of the hub itself, which accounts have until somebody says otherwise."""
    return str(settings.TIME_ZONE)


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
    # Passing troubles in a row; enough of them pause the account, so that a platform that is down is left alone.
    troubles = models.PositiveIntegerField(default=0, editable=False)
    upload_limit = models.PositiveBigIntegerField(
        _("upload limit"), null=True, blank=True, help_text=_("Bytes a second for all its uploads; empty: no limit.")
    )
    calls_per_hour = models.PositiveIntegerField(
        _("calls an hour"), null=True, blank=True, help_text=_("What the platform allows; empty: it names no number.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=hub_time_zone, help_text=_("In which times of this account are meant.")
    )
    # Calls made in the hour that begins at `calls_hour`, those for following among them; see `services/budgets.py`.
    calls_hour = models.DateTimeField(null=True, editable=False)
    calls_made = models.PositiveIntegerField(default=0, editable=False)
    calls_followed = models.PositiveIntegerField(default=0, editable=False)
    # Until then nothing is followed: the calls for it are used up.
    follow_from = models.DateTimeField(null=True, editable=False)
    # What drivers have found out about the account, and how far a pass over its videos has come.
    learned = models.JSONField(default=dict, editable=False)
    # The address that the platform has for callbacks, as it last said; None while it was never asked.
    registered_callback = models.CharField(max_length=500, null=True, editable=False)
    callback_id = models.CharField(max_length=64, unique=True, default=new_callback_id, editable=False)
    # When what the hub has of its categories was last learned or changed: a list that was asked for before is stale.
    categories_at = models.DateTimeField(_("categories synced"), null=True, blank=True, editable=False)
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
