"""The form of one video's metadata: checked by the rules of the platforms they go to, and never over unseen changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from platforms.admin.common import unseen_changes
from platforms.admin.common.display import labelled
from platforms.admin.common.page import may
from platforms.admin.common.unseen_changes import SEEN, Warned
from platforms.admin.video import effects
from platforms.models import HubCategory, Publication, Video
from platforms.services.metadata import changing, comparing, sending
from platforms.services.metadata.sending import Plan
from platforms.services.publishing import Metadata

#: The fields that are texts.
TEXTS = ("title", "description", "tags")


class SendField(forms.BooleanField):
    """Whether platforms are told: no change of the row."""

    def has_changed(self, initial: object, data: object) -> bool:
        return False


def send_field() -> SendField:
    return SendField(label=gettext_lazy("Also change it on the platforms"), required=False, initial=True)


class VideoForm(forms.ModelForm):  # type: ignore[type-arg]
    """A video's metadata. What is sent with it, now or later, must keep to the platforms' rules."""

    seen = unseen_changes.seen_field()
    send = send_field()

    class Meta:
        model = Video
        fields = ("title", "description", "tags", "category")
        widgets = {"description": AdminTextareaWidget(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The values that the person has seen, and what others have changed since.
        self.expected: dict[str, str] = {}
        self.warned: Warned | None = None
        if self.instance.pk:
            now = changing.values(self.instance)
            self.initial[SEEN] = unseen_changes.as_seen(now)
            self.expected = unseen_changes.seen_by(self.data, SEEN, now)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._look_for_unseen(cleaned)
        metadata = Metadata(*texts(cleaned))
        told = set()
        for obstacle in sending.obstacles(self._to_check(cleaned), metadata):
            if obstacle.field in cleaned and (obstacle.account.pk, obstacle.text) not in told:
                told.add((obstacle.account.pk, obstacle.text))
                self.add_error(obstacle.field, labelled(obstacle.account.name, obstacle.text))
        return cleaned

    def _look_for_unseen(self, cleaned: dict[str, Any]) -> None:
        now = changing.values(self.instance)
        if now != self.expected:
            changes = changing.changes_since(self.instance, self.expected)
            labels = {name: self.fields[name].label for name in now if name in self.fields}
            self.warned = unseen_changes.warned(changes, labels, self.new(cleaned), now, _named)
            self.add_error(None, self.warned.text)

    def _to_check(self, cleaned: dict[str, Any]) -> list[Plan]:
        """What a change does about publications whose platform gets it: with the file or, if that is wanted, now."""
        plans = publication_plans(self.instance, changing.changed(self.expected, self.new(cleaned)))
        return [plan for plan in plans if sending.is_checked(plan, told=bool(cleaned.get("send")))]

    def new(self, cleaned: dict[str, Any]) -> dict[str, str]:
        """The values to save."""
        category = cleaned.get("category")
        words = {name: cleaned.get(name) or "" for name in TEXTS if name in cleaned}
        return words | ({"category": str(category.pk if category else "")} if "category" in cleaned else {})


def texts(cleaned: Mapping[str, Any]) -> tuple[str, str, str]:
    """Title, description and tags as they were typed, as far as they are valid."""
    return cleaned.get("title") or "", cleaned.get("description") or "", cleaned.get("tags") or ""


def _named(field: str, value: str) -> str:
    """A value for people: the category by its name."""
    if field == "category" and value:
        found = HubCategory.objects.filter(pk=int(value)).first() if value.isdecimal() else None
        return str(found or value)
    return value


def publication_plans(video: Video, fields: Collection[str], *, beforehand: bool = False) -> list[Plan]:
    """What a change of these fields of a video does about its publications."""
    rows = Publication.objects.filter(video=video).select_related("account", "video").defer("account__credentials")
    if not fields:
        return []
    return sending.plans(rows.order_by("account__name"), fields, of_video=True, beforehand=beforehand)


def save(request: HttpRequest, video: Video, form: VideoForm) -> None:
    """Store what was typed and have the platforms told; the next page says what becomes of each publication.

    Raises `changing.Conflict` when somebody else has saved in this very moment.
    """
    actor = request.user.get_username()
    fields = changing.save(video, form.new(form.cleaned_data), seen=form.expected, actor=actor)
    if not fields:
        return
    plans, sent = publication_plans(video, fields), form.cleaned_data["send"] and may(request.user, "change")
    if sent:
        sending.send(plans, actor=actor)
    effects.tell(request, plans, sent=sent)


def shown(request: HttpRequest, video: Video) -> dict[str, Any]:
    """What the page shows beside the form: what will become of each publication, and whether that can be chosen."""
    plans = publication_plans(video, comparing.FIELDS.keys(), beforehand=True)
    return {
        "effects": effects.rows(plans),
        "may_send": may(request.user, "change") and any(plan.is_sent for plan in plans),
    }
