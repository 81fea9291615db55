"""The publish form: accounts to tick, their platforms' options, and every platform's rules at the field concerned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.category import category_fields
from platforms.admin.common.display import health_badge, labelled, listed, platform_label, state_badge
from platforms.admin.common.facts import file_text
from platforms.admin.common.option_fields import as_initial, as_option, form_field
from platforms.admin.planning import schedule_fields
from platforms.admin.video.video_form import texts
from platforms.models import Account, Arrival, Health, IncomingFile, Publication, Video, VideoTemplate
from platforms.models.account import PLATFORM_LABELS
from platforms.services import publishing, templates
from platforms.services.files import incoming
from platforms.services.files.media import KeptFile, NotAVideo
from platforms.services.publishing import Metadata, Obstacle, Target
from platforms.services.scheduling import rules


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the form: whether it is ticked, its trouble, and the publication it already has."""

    account: Account
    checked: bool
    open: bool
    health: SafeString | str
    trouble: str
    state: SafeString | str


@dataclass(frozen=True, slots=True)
class PlatformCard:
    """One platform of the form: its accounts and its options."""

    platform: str
    name: str
    label: SafeString
    accounts: Sequence[AccountRow]
    fields: Sequence[forms.BoundField]


class PublishForm(forms.Form):
    """Accounts and options. `present` maps accounts to the publication that a video already has on them.

    `hub_category_id`: of the one video that is published, when it has one.
    """

    required_css_class = "required"
    accounts = forms.ModelMultipleChoiceField(queryset=Account.objects.none(), required=False)

    def __init__(
        self,
        *args: Any,
        present: Mapping[int, Publication] | None = None,
        publish: bool = True,
        hub_category_id: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.present = present or {}
        self.publish = publish
        self.known = list(Account.objects.defer("credentials").order_by("platform", "name"))
        self.fields["accounts"].queryset = Account.objects.defer("credentials")  # type: ignore[attr-defined]
        self.fields["accounts"].label = _("Accounts")
        self.platforms = [name for name in PLATFORM_LABELS if any(a.platform == name for a in self.known)]
        self.fields.update(category_fields.publish_fields(self.known, hub_category_id))
        for platform in self.platforms:
            self._add_options(platform)
        self.fields.update(schedule_fields.publish_fields(self.known))
        self.times: dict[int, schedule_fields.Times] = {}

    def _add_options(self, platform: str) -> None:
        for option in publishing.publish_options(platform):
            self.fields[f"{platform}-{option.name}"] = form_field(option)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.publish and not cleaned.get("accounts") and "accounts" not in self.errors:
            self.add_error("accounts", _("Tick at least one account."))
        # Options of platforms that are not chosen do not matter, whatever was typed there.
        chosen = {account.platform for account in cleaned.get("accounts") or ()}
        for name in [name for name in self.errors if "-" in name and name.split("-", 1)[0] not in chosen]:
            del self.errors[name]
        self.times = schedule_fields.read(self, cleaned, cleaned.get("accounts") or ())
        return cleaned

    def targets(self) -> list[Target]:
        """The ticked accounts with what is chosen for their platforms."""
        return [self._target(account) for account in self.cleaned_data.get("accounts") or ()]

    def _target(self, account: Account) -> Target:
        platform, cleaned = account.platform, self.cleaned_data
        options = {
            option.name: as_option(option, cleaned.get(f"{platform}-{option.name}"))
            for option in publishing.publish_options(platform)
        }
        return Target(account, category_fields.chosen(cleaned, account), options, *self.times.get(account.pk, ()))

    def add_obstacles(self, obstacles: Iterable[Obstacle]) -> None:
        """Show what platforms would refuse at the fields concerned, naming the accounts."""
        accounts: dict[tuple[str, str], list[str]] = {}
        for obstacle in obstacles:
            names = accounts.setdefault((self.place(obstacle), obstacle.text), [])
            if obstacle.account.name not in names:
                names.append(obstacle.account.name)
        for (name, text), names in accounts.items():
            self.add_error(name or None, labelled(listed(names), text))

    def place(self, obstacle: Obstacle) -> str:
        """The form field of an obstacle; empty when the form has none."""
        own = f"{obstacle.account.platform}-{obstacle.field}"
        if obstacle.field == "category":
            own = category_fields.field_name(obstacle.account)
        return next((name for name in (own, obstacle.field) if name in self.fields), "")

    def when(self) -> list[forms.BoundField]:
        """The fields for times."""
        return [self[name] for name in (rules.PUBLISH, rules.BLOCK) if name in self.fields]

    def cards(self) -> list[PlatformCard]:
        """What the template shows, platform by platform."""
        ticked = {str(value) for value in self["accounts"].value() or ()}
        return [
            PlatformCard(
                platform,
                str(PLATFORM_LABELS[platform]),
                platform_label(platform),
                [self._row(account, ticked) for account in self.known if account.platform == platform],
                [self[name] for name in self.fields if name.startswith(f"{platform}-")],
            )
            for platform in self.platforms
        ]

    def _row(self, account: Account, ticked: set[str]) -> AccountRow:
        publication = self.present.get(account.pk)
        works = account.health == Health.OK
        return AccountRow(
            account=account,
            checked=str(account.pk) in ticked,
            open=publication is None or not publishing.why_not_send(publication),
            health="" if works else health_badge(account),
            trouble="" if works else account.health_text,
            state=state_badge(publication) if publication else "",
        )


def initial_of(targets: Iterable[Target]) -> dict[str, Any]:
    """What a publish form begins with, so that it says what these targets are."""
    found: dict[str, Any] = {"accounts": []}
    for target in targets:
        account = target.account
        found["accounts"].append(account.pk)
        found[category_fields.field_name(account)] = category_fields.as_initial(target.category)
        for option in publishing.publish_options(account.platform):
            if option.name in target.options:
                found[f"{account.platform}-{option.name}"] = as_initial(option, str(target.options[option.name]))
    return found


class VideoAddForm(PublishForm):
    """A new video, and in the same step the accounts it goes to.

    Its file comes with the form, or it is one that has come before, named by `incoming`; either way it stays the
    person's incoming file until the video takes it, also when the form has other errors. `kept` is that file once it is
    complete. `already` is the video that took the file of this very form, when it was sent twice. With a `template` the
    texts are patterns, filled in when the video is made.
    """

    incoming = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=gettext_lazy("File"), required=False, allow_empty_file=True, max_length=255,
        widget=forms.FileInput(attrs={"accept": "video/*,audio/*,.flv,.f4v,.rmvb,.rm,.ts,.mts,.vob,.dat"}),
    )  # fmt: skip
    title = Video._meta.get_field("title").formfield(widget=AdminTextInputWidget)
    description = Video._meta.get_field("description").formfield(widget=AdminTextareaWidget(attrs={"rows": 4}))
    tags = Video._meta.get_field("tags").formfield(widget=AdminTextInputWidget)
    template = forms.ModelChoiceField(VideoTemplate.objects.all(), required=False, widget=forms.HiddenInput)
    field_order = ("incoming", "template", "file", "title", "description", "tags", "category", "accounts")

    def __init__(self, *args: Any, user: AbstractBaseUser | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = category_fields.hub_category_field(self.known)
        self.order_fields(self.field_order)
        # The admin lets nobody in who is not a user.
        self.user = cast(User, user)
        self.row: IncomingFile | None = None
        self.kept: KeptFile | None = None
        self.already: Video | None = None

    def clean_incoming(self) -> str:
        """Nothing is wrong with a name; what it names is said at the file."""
        name = str(self.cleaned_data["incoming"])
        self.row = incoming.of(self.user, name) if name else None
        return name

    def clean_file(self) -> None:
        upload = self.cleaned_data.get("file")
        try:
            if upload:
                self._replace(upload)
            elif self.row:
                self._use(self.row)
            else:
                raise forms.ValidationError(self._no_file())
        except (NotAVideo, incoming.Refused) as error:
            raise forms.ValidationError(str(error)) from error

    def _replace(self, upload: UploadedFile[Any]) -> None:
        """The file that came with the form, in the place of one that came before: that one stays if this is bad."""
        before = self.row if self.row and self.row.state != Arrival.TAKEN else None
        if before:
            with contextlib.suppress(incoming.Refused):
                self._use(before)
        self._use(incoming.keep_upload(self.user, upload))
        if before:
            incoming.remove(before)

    def _use(self, row: IncomingFile) -> None:
        if row.state == Arrival.TAKEN:
            self.already = row.video
        incoming.finish(row)
        self.kept, self.row = incoming.kept(row), row
        # The page that shows the form again names the file in it.
        data = cast(QueryDict, self.data).copy()
        data["incoming"] = str(row.pk)
        self.data = data

    def _no_file(self) -> str:
        if self.data.get("incoming"):
            return _("The file is no longer kept; choose it again.")
        return _("Choose a video file.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.publish:
            found = publishing.obstacles(self.metadata(), self.kept, self.targets())
            # A missing title or file is said once, not once more by each platform.
            self.add_obstacles(obstacle for obstacle in found if obstacle.field not in self._missing())
        return cleaned

    def create(self) -> Video | None:
        """The new video; None, and an error at the file, when the file was taken or removed in this very moment."""
        if self.row is None:
            return None
        try:
            return incoming.take(self.row, self.metadata(for_good=True), self.user)
        except incoming.Over as error:
            again = incoming.of(self.user, self.row.pk)
            self.already, self.kept = again.video if again else None, None
            self.add_error("file", str(error))
            return None

    def clean_title(self) -> str:
        return self._pattern("title")

    def clean_description(self) -> str:
        return self._pattern("description")

    def clean_tags(self) -> str:
        return self._pattern("tags")

    def _pattern(self, name: str) -> str:
        text = str(self.cleaned_data.get(name) or "")
        if self.cleaned_data.get("template"):
            try:
                templates.check(text)
            except templates.BadPattern as error:
                raise forms.ValidationError(str(error)) from error
        return text

    def _missing(self) -> set[str]:
        missing = set() if self.kept else {"file"}
        return missing | {name for name in ("title", "file") if name in self.errors}

    def metadata(self, *, for_good: bool = False) -> Metadata:
        """What was typed, as far as it is valid, filled in; `for_good`: a number in it is used up."""
        category = self.cleaned_data.get("category")
        typed = Metadata(*texts(self.cleaned_data), category.pk if category else None)
        template: VideoTemplate | None = self.cleaned_data.get("template")
        if template is None:
            return typed
        number = templates.number_for(template, typed) if for_good else template.next_number
        return templates.filled_in(typed, templates.facts(self.kept.name if self.kept else "", number))

    @property
    def kept_text(self) -> str:
        """“lesson.mp4 (1.2 MB, 0:05, 640×360) is kept …”; empty without a kept file."""
        if not self.kept:
            return ""
        facts = {"name": self.kept.name, "facts": file_text(self.kept)}
        return _("%(name)s (%(facts)s) is kept; choose another file to replace it.") % facts
