"""Links that cost a call each: where videos are followed in bulk they are asked for when somebody wants them."""

from __future__ import annotations

from collections.abc import Iterable

from platforms.contract import HasEmbedCode
from platforms.errors import PlatformError
from platforms.models import Publication
from platforms.registry import driver_class
from platforms.services import lending
from platforms.values import State


def are_to_be_asked_for(publication: Publication) -> bool:
    """Whether the platform has links of a published video that the hub has not asked for yet."""
    unknown = publication.state == State.PUBLISHED and bool(publication.remote_id) and not publication.links
    return unknown and issubclass(driver_class(publication.account.platform), HasEmbedCode)


def ask(publication: Publication) -> None:
    """Ask for the links and store them, where that is still to be done; raises `PlatformError`."""
    if not are_to_be_asked_for(publication):
        return
    with lending.counted(publication.account) as driver:
        page = driver.embed_code(str(publication.remote_id)).page_url[:1000] if isinstance(driver, HasEmbedCode) else ""
    publication.page_url = publication.embed_url = page
    Publication.objects.filter(pk=publication.pk).update(page_url=page, embed_url=page)


def complete(publications: Iterable[Publication]) -> None:
    """Ask for the links of these; a platform that does not answer leaves its videos without."""
    for publication in publications:
        try:
            ask(publication)
        except PlatformError:
            continue
