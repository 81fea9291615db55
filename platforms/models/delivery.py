"""Deliveries: the callback requests that platforms have sent us."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.publication import Publication
from platforms.models.wording import render


class Delivery(models.Model):
    """One callback request. What is not proven to come from the platform is kept without a `qid`, so that a forged one
    cannot stand in a genuine one's way."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="deliveries", verbose_name=_("account"))
    publication = models.ForeignKey(
        Publication, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("publication")
    )
    qid = models.CharField("qid", max_length=100, null=True)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    verified = models.BooleanField(_("verified"))
    body = models.JSONField(_("content"), default=dict)
    refusal = models.JSONField(_("refused because"), null=True)
    processed_at = models.DateTimeField(_("processed"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["account", "qid"], name="one_delivery_a_qid")]
        indexes = [
            models.Index(fields=["id"], name="delivery_waiting", condition=Q(processed_at=None, verified=True)),
            models.Index(fields=["account", "verified", "-id"], name="delivery_account"),
            models.Index(fields=["account", "-received_at", "-id"], name="delivery_account_newest"),
            models.Index(fields=["-received_at", "-id"], name="delivery_newest"),
            models.Index(fields=["-received_at", "-id"], name="delivery_refused", condition=Q(refusal__isnull=False)),
            models.Index(fields=["qid"], name="delivery_qid"),
        ]

    def __str__(self) -> str:
        return self.qid or f"#{self.pk}"

    @property
    def refusal_text(self) -> str:
        """Why it was refused, in the reader's language; empty when it was not."""
        return render(self.refusal)
