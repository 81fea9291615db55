"""Templates: metadata, accounts and options that videos of one kind, such as a weekly lesson, are started from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account
from platforms.models.category import HubCategory


class VideoTemplate(models.Model):
    """What a video is started from. `title`, `description` and `tags` are patterns: see `services/templates`.

    `next_number` is what `{number}` stands for in the next video.
    """

    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("Such as “weekly lesson”."))
    title = models.CharField(_("title"), max_length=200, blank=True)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    tags = models.CharField(_("tags"), max_length=500, blank=True, help_text=_("Separated by commas."))
    category = models.ForeignKey(
        HubCategory, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("category"),
        help_text=_("Each account gets the category of its own that this one is mapped to."),
    )  # fmt: skip
    next_number = models.PositiveIntegerField(_("next number"), default=1)
    accounts = models.ManyToManyField(Account, through="TemplateTarget", verbose_name=_("accounts"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, verbose_name=_("added by")
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TemplateTarget(models.Model):
    """One account that videos of a template go to, with what is chosen for it. No option in it is a secret.

    `category` is None for what the hub category stands for there.
    """

    template = models.ForeignKey(VideoTemplate, models.CASCADE, related_name="targets", verbose_name=_("template"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    category = models.CharField(_("category"), max_length=100, null=True, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)

    class Meta:
        verbose_name = _("account of a template")
        verbose_name_plural = _("accounts of templates")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["template", "account"], name="one_target_a_template_and_account")
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.account}"
