"""Events: the history of publications and accounts, written once and never changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.publication import Publication
from platforms.models.wording import render


class Event(models.Model):
    at = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.CharField(_("who"), max_length=150)
    # Found by an index that begins with it.
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="events", verbose_name=_("account"), db_index=False
    )
    publication = models.ForeignKey(
        Publication, models.SET_NULL, null=True, related_name="events", verbose_name=_("publication")
    )
    # Says what the event is about when the row it points at is gone.
    subject = models.CharField(_("subject"), max_length=300)
    kind = models.CharField(_("kind"), max_length=40)
    sentence = models.JSONField(_("sentence"))
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["kind", "-at", "-id"], name="event_kind"),
            models.Index(fields=["account", "-at", "-id"], name="event_account"),
            models.Index(fields=["actor", "-at", "-id"], name="event_actor"),
            # Of what is gone, or never was a row: only the subject says what it was.
            models.Index(fields=["subject"], name="event_gone", condition=Q(publication=None, account=None)),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The sentence in the reader's language."""
        return render(self.sentence)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An event is never deleted.")
