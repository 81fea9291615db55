"""The subtitles of a video: added once, renamed, one of them the default, removed. Platforms follow.

Nobody is called here: `asking.py` has the workers bring each publication's copies to what is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Publication, Subtitle, Video
from platforms.models.wording import render
from platforms.services import events
from platforms.services.subtitles import content, copies
from platforms.services.subtitles.content import NoContent
from platforms.services.subtitles.languages import LANGUAGES, OWN_NAMES
from platforms.services.subtitles.reading import Reading
from platforms.values import gettext_noop, say

MOST_A_VIDEO = 30
MOST_REMARKS = 200
LONGEST_NAME = 100

ADDED = gettext_noop("The subtitle “%(name)s” was added.")
RENAMED = gettext_noop("The subtitle “%(before)s” was renamed to “%(name)s”.")
NEW_DEFAULT = gettext_noop("The subtitle “%(name)s” is now the default.")
REMOVED = gettext_noop("The subtitle “%(name)s” was removed.")


@dataclass(frozen=True, slots=True)
class New:
    """A file without errors that is to become a subtitle; without a name it gets the language's own."""

    reading: Reading
    language: str
    name: str = ""
    is_default: bool = False

    @property
    def called(self) -> str:
        return " ".join(self.name.split()) or OWN_NAMES.get(self.language, "") or self.reading.name[:LONGEST_NAME]


def of(video: Video) -> QuerySet[Subtitle]:
    """The video's subtitles, the default first."""
    return Subtitle.objects.filter(video=video, removed_at=None).order_by("-is_default", "id")


def problems(video: Video, news: Sequence[New]) -> list[str]:
    """Why these cannot be added to the video, in the active language; the files themselves are checked already."""
    taken = set(of(video).values_list("name", flat=True))
    found = []
    for new in news:
        found += _name_problems(new.called, taken)
        taken.add(new.called)
        if new.language not in LANGUAGES:
            found.append(_("“%(code)s” is not a language that subtitles can be in here.") % {"code": new.language})
    if len(taken) > MOST_A_VIDEO:
        found.append(_("A video has at most %(most)d subtitles.") % {"most": MOST_A_VIDEO})
    if sum(new.is_default for new in news) > 1:
        found.append(_("Only one subtitle can be the default."))
    return found


def _name_problems(name: str, taken: set[str]) -> list[str]:
    if not name:
        return [_("A subtitle needs a name.")]
    if len(name) > LONGEST_NAME:
        return [_("A subtitle's name has at most %(most)d characters.") % {"most": LONGEST_NAME}]
    return [_("The video has a subtitle “%(name)s” already.") % {"name": name}] if name in taken else []


def add(video: Video, news: Sequence[New], *, actor: str) -> list[Subtitle]:
    """Keep these and have them brought to the platforms; all of them or none. Raises ValidationError."""
    if found := problems(video, news):
        raise ValidationError(found)
    kept: list[Subtitle] = []
    try:
        for new in news:
            kept.append(_kept(video, new, actor))
        _store(video, kept, actor)
    except (NoContent, IntegrityError) as error:
        for subtitle in kept:
            content.forget(subtitle)
        if isinstance(error, NoContent):
            raise ValidationError(render(error.sentence.as_json())) from None
        raise ValidationError(_("Somebody has changed the video's subtitles meanwhile; look at them again.")) from None
    queue.wake_followers()
    return kept


def _kept(video: Video, new: New, actor: str) -> Subtitle:
    """A subtitle whose file is kept and which is no row yet."""
    reading = new.reading
    subtitle = Subtitle(
        video=video, language=new.language, name=new.called, format=reading.format, cues=reading.cues,
        original_name=reading.name[-255:], is_default=new.is_default, created_by=actor[:150],
        remarks=[remark.as_json() for remark in reading.warnings[:MOST_REMARKS]],
    )  # fmt: skip
    content.save(subtitle, reading.text)
    return subtitle


def _store(video: Video, kept: Sequence[Subtitle], actor: str) -> None:
    with transaction.atomic():
        if any(subtitle.is_default for subtitle in kept):
            _unset_default(video)
        for subtitle in kept:
            subtitle.save()
            _tell(subtitle, ADDED, actor, name=subtitle.name)
        copies.want(kept, video)


def bring_in(publication: Publication, new: New, *, actor: str) -> Subtitle:
    """Keep what a platform has and the hub had not, under a name that the video has not; raises `NoContent`.

    Other platforms get it only when a person asks. The caller writes the copy on `publication`.
    """
    subtitle = _kept(publication.video, new, actor)
    with transaction.atomic():
        subtitle.save()
        copies.leave_out(subtitle)
    return subtitle


def rename(subtitle: Subtitle, name: str, language: str, *, actor: str) -> bool:
    """Give it another name and language; False when both were so already. Raises ValidationError."""
    name = " ".join(name.split())
    taken = set(of(subtitle.video).exclude(pk=subtitle.pk).values_list("name", flat=True))
    if found := _name_problems(name, taken):
        raise ValidationError({"name": found})
    if language not in LANGUAGES:
        raise ValidationError({"language": _("Choose one of the languages.")})
    if (subtitle.name, subtitle.language) == (name, language):
        return False
    try:
        changed = _rename(subtitle, name, language, actor)
    except IntegrityError:
        raise ValidationError({"name": _name_problems(name, {name})}) from None
    subtitle.refresh_from_db()
    queue.wake_followers()
    return bool(changed)


def _rename(subtitle: Subtitle, name: str, language: str, actor: str) -> int:
    before = subtitle.name
    with transaction.atomic():
        changed = Subtitle.objects.filter(pk=subtitle.pk, removed_at=None).update(name=name, language=language)
        if changed and before != name:
            copies.change(subtitle)
            _tell(subtitle, RENAMED, actor, before=before, name=name)
    return changed


def set_default(subtitle: Subtitle, *, actor: str) -> bool:
    """Show this one at first; False when it is so already, or the subtitle is removed."""
    if subtitle.is_default or subtitle.removed_at:
        return False
    try:
        changed = _set_default(subtitle, actor)
    except IntegrityError:
        return False  # somebody has chosen another one in this very moment
    subtitle.refresh_from_db()
    queue.wake_followers()
    return bool(changed)


def _set_default(subtitle: Subtitle, actor: str) -> int:
    with transaction.atomic():
        _unset_default(subtitle.video)
        changed = Subtitle.objects.filter(pk=subtitle.pk, removed_at=None).update(is_default=True)
        if changed:
            copies.change(subtitle)
            _tell(subtitle, NEW_DEFAULT, actor, name=subtitle.name)
    return changed


def _unset_default(video: Video) -> None:
    Subtitle.objects.filter(video=video, is_default=True).update(is_default=False)


def remove(subtitle: Subtitle, *, actor: str) -> bool:
    """Take it from the video, and have it deleted on the platforms; False when somebody has done so already."""
    with transaction.atomic():
        rows = Subtitle.objects.filter(pk=subtitle.pk, removed_at=None)
        if rows.update(removed_at=timezone.now(), is_default=False) != 1:
            return False
        subtitle.refresh_from_db()
        _tell(subtitle, REMOVED, actor, name=subtitle.name)
        copies.remove(subtitle)
    queue.wake_followers()
    return True


def forget_files(video: Video) -> None:
    """In the transaction that deletes a video: the files of its subtitles go too."""
    for subtitle in Subtitle.objects.filter(video=video):
        content.forget(subtitle)


def _tell(subtitle: Subtitle, text: str, actor: str, **params: str) -> None:
    """Into the history of every publication of the video: the video has none of its own."""
    rows = list(subtitle.video.publications.select_related("account", "video"))
    events.record_many(rows, "subtitle", say(text, **params), actor=actor)
