"""Finding rows by what staff type, in the same time among a thousand rows and among a million.

Words that few rows have are looked up by index, and their rows are named by id. Words that many rows have need no
index: whoever walks a list from its newest row meets them soon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Case, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL
from django.utils.text import smart_split, unescape_string_literal

from platforms.models import AccessKey, Account, Delivery, Event, Publication, Video
from platforms.models.pairs import HasPairs

FEW = 2000
# No join, which a database may begin at the videos.
TITLE_OF_VIDEO = Subquery(Video.objects.filter(pk=OuterRef("video")).values("title"))
# To the letter as in the condition of the index, else SQLite does not use it.
HAS_OWN_TITLE = RawSQL("NOT (platforms_publication.title = '')", (), output_field=BooleanField())


def few(values: QuerySet[Any, Any], most: int = FEW) -> list[Any] | None:
    """The values when there are no more than `most`; else None."""
    found = list(values[: most + 1])
    return found if len(found) <= most else None


def on_the_way(rows: QuerySet[Any], condition: Q) -> QuerySet[Any]:
    """Rows that are met on the way through a list in its order. Left to themselves, databases take such conditions for
    rarer than they are, and sort all rows that match."""
    matches = Case(When(condition, then=1), default=0, output_field=IntegerField())
    met: QuerySet[Any] = rows.alias(matches=matches).filter(matches__gt=0)
    return met


def words_of(text: str) -> list[str]:
    """The words of a search; what is quoted is one."""
    bits = list(smart_split(text))
    return [unescape_string_literal(bit) if bit[0] in "\"'" and bit[0] == bit[-1] else bit for bit in bits]


def videos(rows: QuerySet[Video], text: str) -> tuple[QuerySet[Video], bool]:
    """Videos that have all words in title, tags and file name, or have this md5 or remote id; and whether the list is
    to be walked."""
    fields = ("title", "tags", "original_name")
    named = few(_with_words(Video, words_of(text), fields, fields).values_list("pk", flat=True))
    exact = list(Video.objects.filter(md5=text).order_by().values_list("pk", flat=True)[:FEW]) if text else []
    exact += Publication.objects.filter(remote_id=text).order_by().values_list("video_id", flat=True)[:FEW]
    if named is not None:
        return rows.filter(pk__in={*named, *exact}), False
    return on_the_way(rows, _contain(words_of(text), fields) | Q(pk__in=exact)), True


def publications(rows: QuerySet[Publication], text: str) -> tuple[QuerySet[Publication], bool]:
    """Publications that have all words in their own title or in their video's, or have this remote id; and whether the
    list is to be walked."""
    words = words_of(text)
    exact = _with_remote_id(text)
    of_videos, own = _titled(words)
    if of_videos is not None and own is not None:
        return rows.filter(Q(video__in=of_videos) | Q(pk__in={*own, *exact})), False
    condition = _contain(words, ("title",)) | _contain(words, ("title_of_video",)) | Q(pk__in=exact)
    return on_the_way(rows.alias(title_of_video=TITLE_OF_VIDEO), condition), True


def events(rows: QuerySet[Event], text: str) -> tuple[QuerySet[Event], bool]:
    """Events about publications with such a title, about accounts with such a name, about what is gone and had it, and
    by a person of exactly this name; and whether the list is to be walked."""
    words = words_of(text)
    about = few(Event.objects.filter(_contain(words, ("subject",)), publication=None, account=None).order_by())
    of_videos, own = _titled(words)
    accounts = few(Account.objects.filter(_contain(words, ("name",))).values_list("pk", flat=True))
    parts: list[QuerySet[Event]] = [Event.objects.filter(actor=text), Event.objects.filter(account__in=accounts or ())]
    if about is not None and of_videos is not None and own is not None:
        titled = few(Publication.objects.filter(Q(video__in=of_videos) | Q(pk__in=own)).values_list("pk", flat=True))
        parts.append(Event.objects.filter(publication__in=titled or ()))
        found = [few(part.order_by().values_list("pk", flat=True)) for part in parts]
        if titled is not None and None not in found:
            ids = {pk for part in found for pk in part or ()}
            return rows.filter(pk__in={*ids, *(event.pk for event in about)}), False
    return on_the_way(rows, _contain(words, ("subject",)) | Q(actor=text)), True


def deliveries(rows: QuerySet[Delivery], text: str) -> tuple[QuerySet[Delivery], bool]:
    """Deliveries of this qid, or about the video with this remote id."""
    return rows.filter(Q(qid=text) | Q(publication__in=_with_remote_id(text))), False


def access_keys(rows: QuerySet[AccessKey], text: str) -> tuple[QuerySet[AccessKey], bool]:
    """Keys whose viewer, or whose video's title, has all words; and whether the list is to be walked."""
    words = words_of(text)
    of_videos = _titled(words)[0]
    viewers = few(_with_words(AccessKey, words, ("viewer",), ("viewer",)).values_list("pk", flat=True))
    if of_videos is not None and viewers is not None:
        return rows.filter(Q(video__in=of_videos) | Q(pk__in=viewers)), False
    condition = _contain(words, ("viewer",)) | _contain(words, ("title_of_video",))
    return on_the_way(rows.alias(title_of_video=TITLE_OF_VIDEO), condition), True


def _with_remote_id(text: str) -> list[int]:
    return list(Publication.objects.filter(remote_id=text).order_by().values_list("pk", flat=True)[:FEW])


def _titled(words: Sequence[str]) -> tuple[list[int] | None, list[int] | None]:
    """Ids of videos, and of publications with a title of their own, that have all words in it; None for many."""
    of_videos = _with_words(Video, words, ("title",), ("title", "tags", "original_name"))
    own = _with_words(Publication, words, ("title",), ("title",)).filter(HAS_OWN_TITLE)
    return few(of_videos.values_list("pk", flat=True)), few(own.values_list("pk", flat=True))


def _with_words(model: type[Model], words: Sequence[str], fields: Sequence[str], indexed: Sequence[str]) -> Any:
    """Rows with all words in one of `fields`, in no order, found by the `PairsIndex` over `indexed`."""
    rows = model._default_manager.filter(_contain(words, fields)).order_by()
    for word in words:
        if len(word) > 1:
            rows = rows.filter(HasPairs(*indexed, word=word))
    return rows


def _contain(words: Sequence[str], fields: Sequence[str]) -> Q:
    """Every word in one of the fields."""
    return Q.create([Q.create([(f"{field}__icontains", word) for field in fields], Q.OR) for word in words])
