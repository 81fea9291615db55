"""The card of a publication's page with what can be done with its video on the platform, and what was."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from platforms.admin.common.display import listed
from platforms.admin.common.parts import Panel, Part
from platforms.admin.operation import operation_rows
from platforms.admin.operation.offers import OFFERS, Offer, may_do
from platforms.admin.publication.rows import Button
from platforms.models import Publication
from platforms.services.operations import asking, batches
from platforms.services.operations.deleting import DELETE

MOST = 8


def panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """The card; none before the platform has a video and nothing was asked for."""
    operations = batches.latest(publication, MOST + 1)
    if not publication.remote_id and not operations:
        return None
    offered = [one for one in OFFERS if one.kind is not DELETE]
    possible = [one for one in offered if may_do(request.user, one.kind) and not asking.why_not(one.kind, publication)]
    context = {
        "buttons": [_button(publication, one) for one in possible if not one.rare],
        "more": [_button(publication, one) for one in possible if one.rare],
        "lacks": _lacks(publication, offered),
        "rows": operation_rows.rows(request, operations[:MOST]),
        "all": f"{reverse('admin:platforms_operation_changelist')}?publication__id__exact={publication.pk}"
        if len(operations) > MOST
        else "",
    }
    return Panel("publication/operations.html", context, forms.Media(css={"all": ["mediahub/operations.css"]}))


def _button(publication: Publication, offer: Offer) -> Button:
    url = reverse("admin:platforms_publication_act", args=[offer.kind.name])
    return Button(str(offer.button), f"{url}?ids={publication.pk}", asks=True, danger=offer.kind.is_destructive)


def _lacks(publication: Publication, offered: list[Offer]) -> str:
    """One line that names what the platform cannot do."""
    missing = [_(one.kind.label) for one in offered if not asking.can(one.kind, publication.account)]
    words = {"platform": publication.account.get_platform_display(), "what": listed(missing)}
    return _("%(platform)s does not offer: %(what)s.") % words if missing else ""


PART = Part(panel=panel)
