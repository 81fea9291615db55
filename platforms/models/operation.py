"""Operations: what a person wants done with a video that stands on a platform, now or at a time to come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platforms.models.publication import Publication
from platforms.models.wording import render


class OperationState(models.TextChoices):
    """`UNKNOWN`: the answer to a call that must not be repeated was lost, and a person has to look."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Needs a decision")


# Of these a publication has at most one that is yet to be done: what a person has planned, and may change.
PUBLISH_AT, BLOCK_AT = "publish_at", "block_at"
PLANS = (PUBLISH_AT, BLOCK_AT)


class Operation(models.Model):
    """One verb for one publication: the intention is written before the call, the outcome after it.

    Those of a publication run in the order in which they were asked for; one that is `planned_at` a time to come holds
    up nobody until then. What was asked for together has one `batch`.
    """

    # Found by an index that begins with it.
    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="operations", verbose_name=_("publication"), db_index=False
    )
    kind = models.CharField(_("what is done"), max_length=40)
    arguments = models.JSONField(_("with"), default=dict)
    batch = models.UUIDField(_("asked for together"), null=True)
    state = models.CharField(_("state"), max_length=20, choices=OperationState.choices, default=OperationState.WAITING)
    planned_at = models.DateTimeField(_("planned for"), null=True)
    asked_by = models.CharField(_("asked for by"), max_length=150)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    error = models.JSONField(_("error"), null=True)
    # What became of one that is done, where that is more than the kind's own words: a stored sentence.
    said = models.JSONField(_("outcome"), null=True)
    # Another row of the batch is the same once more: at most one, however often a button is pressed.
    tried_again = models.BooleanField(_("tried again"), default=False)

    # When it is due, or, while it runs, until when it is claimed. The fence goes up with each claim: whoever holds an
    # older one has lost it. Attempts that only found the account not to work do not count.
    next_run_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    fence = models.PositiveBigIntegerField(default=0)
    # How the video was before a call that must not be repeated, for looking up whether it took effect.
    noted = models.JSONField(null=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "next_run_at"], name="operation_due"),
            models.Index(fields=["publication", "-id"], name="operation_publication"),
            models.Index(fields=["batch", "id"], name="operation_batch"),
            models.Index(fields=["state", "planned_at"], name="operation_planned"),
            models.Index(fields=["state", "-id"], name="operation_state"),
            models.Index(fields=["kind", "-id"], name="operation_kind"),
            models.Index(fields=["kind", "state", "-id"], name="operation_kind_state"),
            models.Index(fields=["planned_at"], name="operation_schedule", condition=Q(planned_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "kind"],
                condition=Q(kind__in=PLANS, state__in=("waiting", "running")),
                name="one_open_plan_a_publication_and_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.publication)

    @property
    def error_text(self) -> str:
        """Why it has failed, or not succeeded yet, in the reader's language; empty without an error."""
        return render(self.error)

    @property
    def said_text(self) -> str:
        """What became of it, in the reader's language, where that is more than the kind's own words."""
        return render(self.said)
