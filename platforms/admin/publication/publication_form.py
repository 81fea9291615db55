"""The form of what a publication has of its own: checked by its platform's rules, and never over unseen changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.http import HttpRequest
from django.utils.translation import gettext as _

from platforms.admin.category.category_fields import CategoryField
from platforms.admin.common import unseen_changes
from platforms.admin.common.display import labelled
from platforms.admin.common.unseen_changes import SEEN, Warned
from platforms.admin.video import effects
from platforms.admin.video.video_form import TEXTS, send_field
from platforms.models import Publication
from platforms.services import publishing
from platforms.services.categories import tree
from platforms.services.metadata import changing, comparing, sending
from platforms.services.publishing import Metadata, Target


class PublicationForm(forms.Form):
    """Title, description, tags and category on one account; an empty text is the video's."""

    seen = unseen_changes.seen_field()
    send = send_field()

    def __init__(self, publication: Publication, data: Any = None) -> None:
        now = changing.values(publication)
        super().__init__(data, initial=now | {SEEN: unseen_changes.as_seen(now)})
        self.publication = publication
        #: The values that the person has seen, and what others have changed since.
        self.expected = unseen_changes.seen_by(self.data, SEEN, now)
        self.warned: Warned | None = None
        self.fields.update(_own_fields(publication))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        now = changing.values(self.publication)
        if now != self.expected:
            changes = changing.changes_since(self.publication, self.expected)
            labels = {name: _(label) for name, label in comparing.FIELDS.items()}
            self.warned = unseen_changes.warned(changes, labels, self.new(), now, self._named)
            self.add_error(None, self.warned.text)
        self._check(cleaned)
        return cleaned

    def _named(self, field: str, value: str) -> str:
        return tree.named(self.publication.account, value) if field == "category" and value else value

    def _check(self, cleaned: dict[str, Any]) -> None:
        row, own, video = self.publication, self.new(), self.publication.video
        (plan,) = sending.plans([row], changing.changed(self.expected, own), of_video=False)
        if not sending.is_checked(plan, told=bool(cleaned.get("send"))):
            return
        title, description, tags = (own.get(name) or getattr(video, name) for name in TEXTS)
        metadata = Metadata(title, description, tags)
        target = Target(row.account, own.get("category", ""), row.options)
        for obstacle in publishing.obstacles(metadata, video, [target]):
            if obstacle.field in cleaned and sending.matters(plan, obstacle.field):
                self.add_error(obstacle.field, labelled(row.account.name, obstacle.text))

    def new(self) -> dict[str, str]:
        """The values to save."""
        return {name: self.cleaned_data.get(name) or "" for name in changing.OWN_FIELDS if name in self.cleaned_data}


def _own_fields(publication: Publication) -> dict[str, forms.Field]:
    """The fields, each with what it is when it is left empty."""
    video, longest = publication.video, {"title": 200, "description": 4000, "tags": 500}
    texts: dict[str, forms.Field] = {
        name: forms.CharField(
            label=_(comparing.FIELDS[name]),
            required=False,
            max_length=longest[name],
            help_text=_("Empty: as the video has it."),
            widget=widget({"placeholder": getattr(video, name)} | attrs),
        )
        for name, widget, attrs in (
            ("title", AdminTextInputWidget, {}),
            ("description", AdminTextareaWidget, {"rows": 4}),
            ("tags", AdminTextInputWidget, {}),
        )
    }
    if tree.has_categories(publication.account):
        texts["category"] = _category_field(publication)
    return texts


def _category_field(publication: Publication) -> forms.Field:
    """The account's categories, and the one that is chosen though the platform no longer has it."""
    account, chosen = publication.account, publication.category
    nodes = tree.nodes(account)
    known = {str(node.category.remote_id) for node in nodes}
    gone = [(chosen, tree.named(account, chosen))] if chosen and chosen not in known else []
    return CategoryField(nodes, empty=[("", "—"), *gone])


def save(request: HttpRequest, publication: Publication, form: PublicationForm) -> None:
    """Store what was typed and have the platform told; the next page says what becomes of it.

    Raises `changing.Conflict` when somebody else has saved in this very moment.
    """
    actor = request.user.get_username()
    fields = changing.save(publication, form.new(), seen=form.expected, actor=actor)
    if not fields:
        return
    plans, sent = sending.plans([publication], fields, of_video=False), form.cleaned_data["send"]
    if sent:
        sending.send(plans, actor=actor)
    effects.tell(request, plans, sent=sent)
