"""What the pages of categories show, and the words for what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from platforms.admin.common.display import labelled, link, listed, state_badge, when
from platforms.admin.common.facts import duration_text
from platforms.models import Account, Category, CategoryMapping, Publication
from platforms.services.categories import asking, tree
from platforms.services.categories.taking import Counts

#: So many videos of a category are asked for when it is looked at: a page of the platform's list.
MOST_VIDEOS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One category in the tree: the publications that stand in it and the hub categories that stand for it."""

    node: tree.Node
    url: str
    hub_categories: str

    @property
    def may_have_children(self) -> bool:
        return self.node.category.level < tree.levels(self.node.category.account)


def rows(account: Account) -> list[Row]:
    """The account's tree, with counts, in the order of the page."""
    names = _hub_categories(account)
    return [
        Row(node, publications_url(node.category), listed(names.get(node.category.pk, ())))
        for node in tree.nodes(account, counted=True)
    ]


def _hub_categories(account: Account) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    mapped = CategoryMapping.objects.filter(account=account).order_by("hub_category__name")
    for pk, name in mapped.values_list("category_id", "hub_category__name"):
        found.setdefault(pk, []).append(name)
    return found


def publications_url(category: Category) -> str:
    """The list of the publications that stand in a category."""
    query = urlencode({"category": f"{category.account_id}:{category.remote_id}"})
    return f"{reverse('admin:platforms_publication_changelist')}?{query}"


def gone(account: Account) -> list[Row]:
    """What the platform no longer has and something still refers to."""
    there = Category.objects.filter(account=account, gone_at__isnull=False).exclude(remote_id=None)
    names = _hub_categories(account)
    nodes = tree.nodes(account, counted=True, rows=list(tree.in_order(there)))
    return [Row(node, publications_url(node.category), listed(names.get(node.category.pk, ()))) for node in nodes]


def being_added(account: Account) -> list[tuple[str, Any]]:
    """(path, since when) of categories whose adding nobody has heard the end of."""
    waiting = Category.objects.filter(account=account, remote_id=None).order_by("asked_at")
    return [(row.path, when(row.asked_at)) for row in waiting]


def at_stake(category: Category) -> dict[str, Any]:
    """What is known to hang on a category before it is deleted."""
    return {
        "standing": tree.counts(category.account).get(str(category.remote_id), 0),
        "below": category.children.filter(gone_at=None).exclude(remote_id=None).count(),
        "hub_categories": listed(_hub_categories(category.account).get(category.pk, ())),
    }


def synced_text(account: Account, counts: Counts) -> str:
    """“bj: 3 categories new, 1 changed, 0 gone.”"""
    if counts == Counts():
        return labelled(account.name, _("the categories are as they were."))
    words = {"created": counts.created, "updated": counts.updated, "missing": counts.missing}
    text = _("categories: %(created)s new, %(updated)s changed, %(missing)s gone from the platform.")
    return labelled(account.name, text % words)


def refreshed_text(category: Category, counts: Counts) -> str:
    """What a refresh of one category brought."""
    if counts == Counts():
        return labelled(category.path, _("the category, and those below it, are as they were."))
    words = {"created": counts.created, "updated": counts.updated, "missing": counts.missing}
    text = _("%(created)s new, %(updated)s changed, %(missing)s gone from the platform.")
    return labelled(category.path, text % words)


def videos(category: Category, *, actor: str) -> dict[str, Any]:
    """The first videos of a category as the platform lists them now; raises `PlatformError`."""
    with asking.asking(category.account, actor=actor) as driver:
        listed_there = asking.tree_of(driver).category_videos(str(category.remote_id))
        found = list(islice(listed_there, MOST_VIDEOS + 1))
    paths = {node.category.remote_id: node.path for node in tree.nodes(category.account)}
    here = _in_the_hub(category.account, [video.remote_id for video in found])
    return {
        "more": len(found) > MOST_VIDEOS,
        "most": MOST_VIDEOS,
        "unknown": sum(video.remote_id not in here for video in found),
        "videos": [
            {
                "title": video.title or video.remote_id,
                "remote_id": video.remote_id,
                "category": paths.get(video.category, video.category) or "",
                "duration": duration_text(video.duration),
                "created": when(video.created_at),
                "publication": link(here.get(video.remote_id), _("In the hub")) if video.remote_id in here else "",
                "state": state_badge(here[video.remote_id]) if video.remote_id in here else "",
            }
            for video in found[:MOST_VIDEOS]
        ],
    }


def _in_the_hub(account: Account, remote_ids: Sequence[str]) -> dict[str, Publication]:
    there = Publication.objects.filter(account=account, remote_id__in=remote_ids)
    return {str(row.remote_id): row for row in there}
