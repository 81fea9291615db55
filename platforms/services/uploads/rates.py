"""How fast an upload may go: its even share of what the whole hub and its account may send."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from platforms.models import Account, Publication
from platforms.values import State


def share(hub_limit: int, hub_running: int, account_limit: int | None, account_running: int) -> float | None:
    """Bytes a second for one upload; None: no limit. A limit of 0 or None is none.

    Running uploads share evenly: what one of them cannot use is not handed to the others.
    """
    shares = [
        limit / max(running, 1)
        for limit, running in ((hub_limit, hub_running), (account_limit, account_running))
        if limit
    ]
    return min(shares, default=None)


def allowed(publication: Publication) -> float | None:
    """What this running upload may send now, in bytes a second; None: no limit.

    Asked about once a second: limits and neighbours change while an upload runs.
    """
    hub_limit: int = settings.UPLOAD_LIMIT
    account_limit = Account.objects.values_list("upload_limit", flat=True).get(pk=publication.account_id)
    if not hub_limit and not account_limit:
        return None
    running = Publication.objects.filter(state=State.UPLOADING, lease_until__gt=timezone.now()).aggregate(
        hub=Count("pk"), account=Count("pk", filter=Q(account=publication.account_id))
    )
    return share(hub_limit, running["hub"], account_limit, running["account"])
