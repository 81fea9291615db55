"""Pulses: which worker clusters live, by the canary hints they answered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pulse(models.Model):
    """One cluster: the supervisor of `host` sends a canary hint to it; doing it writes `answered_at`."""

    host = models.CharField(_("machine"), max_length=100)
    queue = models.CharField(_("queue"), max_length=40)
    sent_at = models.DateTimeField(_("asked"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    # The supervisor's own sign of life, whatever its cluster does.
    seen_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(_("started"), null=True)
    # Of the cluster's processes, so that a later supervisor can end what an earlier one left behind.
    process_group = models.PositiveIntegerField(null=True, editable=False)
    restarts = models.PositiveIntegerField(_("replaced"), default=0)

    class Meta:
        verbose_name = _("worker cluster")
        verbose_name_plural = _("worker clusters")
        constraints = [models.UniqueConstraint(fields=["host", "queue"], name="one_pulse_a_cluster")]

    def __str__(self) -> str:
        return f"{self.queue} @ {self.host}"
