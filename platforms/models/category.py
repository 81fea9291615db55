"""Categories: those that an account has on its platform, and the hub's own, each mapped to one of every account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platforms.models.account import Account

LONGEST_NAME = 200
DEEPEST = 5
#: Between the names of a path.
PATH_SEPARATOR = " / "
LONGEST_PATH = DEEPEST * LONGEST_NAME + (DEEPEST - 1) * len(PATH_SEPARATOR)


class Category(models.Model):
    """A category of an account. `level` is 1 at the top; `path` holds the names from there down to its own.

    `remote_id` is None while the call that adds it is under way, which began at `asked_at`. `gone_at`: since when the
    platform no longer has it; such a row is only kept while publications, or a mapping, refer to it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="categories", verbose_name=_("account"))
    remote_id = models.CharField(_("remote id"), max_length=100, null=True)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("parent category")
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    level = models.PositiveSmallIntegerField(_("level"), default=1)
    path = models.CharField(_("path"), max_length=LONGEST_PATH)
    gone_at = models.DateTimeField(_("gone since"), null=True)
    asked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="one_category_a_remote_id"),
            # Whoever adds a category holds its name until the platform has answered.
            models.UniqueConstraint(
                fields=["account", "name"],
                name="one_top_category_being_added",
                condition=Q(remote_id=None, parent=None),
            ),
            models.UniqueConstraint(
                fields=["parent", "name"], name="one_category_being_added", condition=Q(remote_id=None)
            ),
        ]

    def __str__(self) -> str:
        return self.path


class HubCategory(models.Model):
    """A category that staff choose for a video; each account gets the one of its own that it is mapped to."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("hub category")
        verbose_name_plural = _("hub categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CategoryMapping(models.Model):
    """The category of one account that a hub category stands for there."""

    hub_category = models.ForeignKey(
        HubCategory, models.CASCADE, related_name="mappings", verbose_name=_("hub category")
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="category_mappings", verbose_name=_("account"))
    category = models.ForeignKey(Category, models.CASCADE, related_name="mappings", verbose_name=_("category"))

    class Meta:
        verbose_name = _("category mapping")
        verbose_name_plural = _("category mappings")
        constraints = [
            models.UniqueConstraint(fields=["hub_category", "account"], name="one_mapping_a_hub_category_and_account")
        ]

    def __str__(self) -> str:
        return f"{self.hub_category} → {self.account}: {self.category}"
