"""The publish form: accounts to tick, their platforms' options, and every platform's rules at the field concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.display import health_badge, labelled, listed, platform_label, state_badge
from platforms.admin.facts import file_text
from platforms.admin.option_fields import as_option, category_field, form_field
from platforms.models import Account, Health, Publication, Video
from platforms.models.account import PLATFORM_LABELS
from platforms.services import media, publishing
from platforms.services.media import KeptFile, NotAVideo
from platforms.services.publishing import Metadata, Obstacle, Target
from platforms.values import State

# Publications in these are still to be sent with the video's metadata.
WAITING = (State.QUEUED, State.UPLOADING, State.PAUSED)


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
    """Accounts and options. `present` maps accounts to the publication that a video already has on them."""

    required_css_class = "required"
    accounts = forms.ModelMultipleChoiceField(queryset=Account.objects.none(), required=False)

    def __init__(
        self, *args: Any, present: Mapping[int, Publication] | None = None, publish: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.present = present or {}
        self.publish = publish
        self.known = list(Account.objects.defer("credentials").order_by("platform", "name"))
        self.fields["accounts"].queryset = Account.objects.defer("credentials")  # type: ignore[attr-defined]
        self.fields["accounts"].label = _("Accounts")
        self.platforms = [name for name in PLATFORM_LABELS if any(a.platform == name for a in self.known)]
        for platform in self.platforms:
            self._add_options(platform)

    def _add_options(self, platform: str) -> None:
        if categories := publishing.categories(platform):
            self.fields[f"{platform}-category"] = category_field(categories)
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
        return Target(account, cleaned.get(f"{platform}-category", ""), options)

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
        return next((name for name in (own, obstacle.field) if name in self.fields), "")

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


class VideoAddForm(PublishForm):
    """A new video, and in the same step the accounts it goes to.

    `kept` is the file that has arrived, also when the form has other errors. `already` is the video that took the kept
    file of this very form, when it was sent twice.
    """

    file = forms.FileField(
        label=gettext_lazy("File"), required=False, allow_empty_file=True, max_length=255,
        widget=forms.FileInput(attrs={"accept": "video/*,audio/*,.flv,.f4v,.rmvb,.rm,.ts,.mts,.vob,.dat"}),
    )  # fmt: skip
    title = Video._meta.get_field("title").formfield(widget=AdminTextInputWidget)
    description = Video._meta.get_field("description").formfield(widget=AdminTextareaWidget(attrs={"rows": 4}))
    tags = Video._meta.get_field("tags").formfield(widget=AdminTextInputWidget)
    field_order = ("file", "title", "description", "tags", "accounts")

    def __init__(self, *args: Any, user: AbstractBaseUser | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.owner = str(user.pk)
        self.kept: KeptFile | None = None
        self.already: Video | None = None
        token = str(self.data.get("kept", ""))
        if token:
            self._redeem(token)

    def _redeem(self, token: str) -> None:
        self.kept = media.redeem(token, self.owner)
        remembered = media.remembered(token, self.owner)
        if remembered and not self.kept:
            taken = Video.objects.filter(md5=remembered.md5, created_by=self.user.pk)
            self.already = taken.order_by("-id").first()

    def clean_file(self) -> None:
        upload = self.cleaned_data.get("file")
        if upload is None:
            if self.kept is None:
                raise forms.ValidationError(self._no_file())
            return
        try:
            fresh = media.keep_upload(upload)
        except NotAVideo as error:
            raise forms.ValidationError(str(error)) from error
        if self.kept:
            media.forget(self.kept)
        self.kept = fresh

    def _no_file(self) -> str:
        if self.data.get("kept"):
            return _("The file is no longer kept; choose it again.")
        return _("Choose a video file.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.publish:
            found = publishing.obstacles(self.metadata(), self.kept, self.targets())
            # A missing title or file is said once, not once more by each platform.
            self.add_obstacles(obstacle for obstacle in found if obstacle.field not in self._missing())
        return cleaned

    def create(self, user: AbstractBaseUser | AnonymousUser) -> Video | None:
        """The new video; None, and an error at the file, when the kept file went away in this very moment."""
        kept = self.kept
        try:
            return publishing.create_video(kept, self.metadata(), user) if kept else None  # type: ignore[arg-type]
        except FileNotFoundError:
            self.kept = None
            self.add_error("file", self._no_file())
            self._redeem(str(self.data.get("kept", "")))
            return None

    def _missing(self) -> set[str]:
        missing = set() if self.kept else {"file"}
        return missing | {name for name in ("title", "file") if name in self.errors}

    def metadata(self) -> Metadata:
        """What was typed, as far as it is valid."""
        return Metadata(*(self.cleaned_data.get(name) or "" for name in ("title", "description", "tags")))

    @property
    def kept_token(self) -> str:
        return self.kept.token(self.owner) if self.kept else ""

    @property
    def kept_text(self) -> str:
        """“lesson.mp4 (1.2 MB, 0:05, 640×360) is kept …”; empty without a kept file."""
        if not self.kept:
            return ""
        facts = {"name": self.kept.name, "facts": file_text(self.kept)}
        return _("%(name)s (%(facts)s) is kept; choose another file to replace it.") % facts


class VideoForm(forms.ModelForm):  # type: ignore[type-arg]
    """A video's metadata. What is still to be sent with it must keep to its platforms' rules."""

    class Meta:
        model = Video
        fields = ("title", "description", "tags")
        widgets = {"description": AdminTextareaWidget(attrs={"rows": 4})}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        metadata = Metadata(*(cleaned.get(name) or "" for name in ("title", "description", "tags")))
        found = publishing.obstacles(metadata, self.instance, self._waiting())
        valid = set(cleaned)
        for obstacle in found:
            if obstacle.field in valid:
                self.add_error(obstacle.field, labelled(obstacle.account.name, obstacle.text))
        return cleaned

    def _waiting(self) -> list[Target]:
        rows = self.instance.publications.filter(state__in=WAITING).select_related("account")
        return [Target(row.account, row.category, row.options) for row in rows]
