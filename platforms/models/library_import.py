"""Imports: bringing what already is on an account into the hub, as work that any worker goes on with."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.wording import render


class ImportState(models.TextChoices):
    """`WAITING`: for a worker, or for a time; it may have come far already."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (ImportState.WAITING, ImportState.RUNNING)


class LibraryImport(models.Model):
    """One pass over an account's videos: all of them, those of a `category`, or those of `remote_ids`.

    With `dry_run` it only finds out what would change. How far it is stands in the row, so that any worker on any
    machine can go on: `cursor` is the page that was taken last, `is_listed` says that the list is at its end, and a dry
    run keeps in `seen` which publications the list has held.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="imports", verbose_name=_("account"))
    actor = models.CharField(_("who"), max_length=150)
    dry_run = models.BooleanField(_("only looks"), default=False)
    category = models.CharField(_("category"), max_length=100, blank=True)
    remote_ids = models.JSONField(_("remote ids"), default=list)
    state = models.CharField(_("state"), max_length=20, choices=ImportState.choices, default=ImportState.WAITING)

    cursor = models.CharField(max_length=200, blank=True)
    is_listed = models.BooleanField(default=False)
    seen = models.BinaryField(null=True)
    # The last publication that was looked at because the list did not hold it.
    position = models.BigIntegerField(default=0)
    taken = models.PositiveIntegerField(_("videos so far"), default=0)
    total = models.PositiveIntegerField(_("videos there"), null=True)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    missing = models.PositiveIntegerField(_("missing"), default=0)
    # A few videos of each kind, and what was not found or left out; see `services/importing/counts.py`.
    findings = models.JSONField(default=dict)
    error = models.JSONField(_("error"), null=True)

    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    began_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    next_run_at = models.DateTimeField(_("next run"), null=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_holder = models.CharField(max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state__in=["waiting", "running"]), name="one_import_an_account"
            )
        ]
        indexes = [models.Index(fields=["state", "next_run_at"], name="import_due")]

    def __str__(self) -> str:
        return f"{self.account} #{self.pk}"

    @property
    def error_text(self) -> str:
        """What keeps or kept it from going on, in the reader's language; empty without an error."""
        return render(self.error)

    def counts(self) -> dict[str, Any]:
        """The numbers as commands print them."""
        return {"created": self.created, "updated": self.updated, "missing": self.missing}
