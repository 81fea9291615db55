"""The form of a template: patterns that are checked as they are typed in, and the accounts that its videos go to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget, AdminTextInputWidget
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.category import category_fields
from platforms.admin.planning import schedule_fields
from platforms.admin.video.forms import PublishForm, initial_of
from platforms.models import VideoTemplate
from platforms.services import publishing, templates
from platforms.services.publishing import Target

PATTERNS = ("title", "description", "tags")
OWN = ("name", *PATTERNS, "category", "next_number")
#: So that a name fills the list without breaking it.
MOST_CHOICES = 200


class TemplateForm(PublishForm):
    """Accounts may be ticked, and need not be. A secret option is asked for with each video."""

    name = VideoTemplate._meta.get_field("name").formfield(widget=AdminTextInputWidget)
    title = VideoTemplate._meta.get_field("title").formfield(widget=AdminTextInputWidget)
    description = VideoTemplate._meta.get_field("description").formfield(widget=AdminTextareaWidget(attrs={"rows": 4}))
    tags = VideoTemplate._meta.get_field("tags").formfield(widget=AdminTextInputWidget)
    next_number = forms.IntegerField(
        label=gettext_lazy("Next number"), min_value=0, max_value=999_999_999, widget=AdminIntegerFieldWidget,
        help_text=gettext_lazy("What {number} stands for in the next video; it goes up with each."),
    )  # fmt: skip

    def __init__(self, template: VideoTemplate, targets: Iterable[Target], data: Any = None) -> None:
        own = {name: getattr(template, name) for name in OWN if name != "category"}
        initial = own | {"category": template.category_id} | initial_of(targets)
        super().__init__(data, initial=initial, publish=False)
        self.instance = template
        self.fields["category"] = category_fields.hub_category_field(self.known)
        # A time is one video's own.
        for name in schedule_fields.publish_fields(self.known):
            del self.fields[name]
        for platform in self.platforms:
            for option in publishing.publish_options(platform):
                if option.kind == "secret":
                    del self.fields[f"{platform}-{option.name}"]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        same = templates.find(name)
        if same and same.pk != self.instance.pk:
            raise forms.ValidationError(_("There is another template “%(name)s”.") % {"name": same.name})
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in PATTERNS:
            try:
                templates.check(str(cleaned.get(name) or ""))
            except templates.BadPattern as error:
                self.add_error(name, str(error))
        return cleaned

    def save(self, request: HttpRequest) -> VideoTemplate:
        """Store it with its accounts."""
        for name in OWN:
            setattr(self.instance, name, self.cleaned_data[name])
        user = request.user if request.user.is_authenticated else None
        return templates.save(self.instance, self.targets(), user)


def placeholders() -> list[tuple[str, str]]:
    """What may stand in a pattern, and what it becomes."""
    return [(f"{{{name}}}", _(meaning)) for name, meaning in templates.PLACEHOLDERS.items()]


def choices() -> list[tuple[int, str]]:
    """The templates that a video can be started from."""
    return list(VideoTemplate.objects.values_list("pk", "name")[:MOST_CHOICES])


def chosen(request: HttpRequest) -> VideoTemplate | None:
    """The template that the page's address or form names; None when it names none that there is."""
    text = request.POST.get("template") or request.GET.get("template", "")
    return VideoTemplate.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 10 else None


def initial(request: HttpRequest) -> dict[str, Any] | None:
    """What a publish form begins with when a template is chosen."""
    template = chosen(request)
    return initial_of(templates.targets(template)) if template else None


def start(template: VideoTemplate) -> dict[str, Any]:
    """What the form that adds a video begins with."""
    texts = {"title": template.title or "{name}", "description": template.description, "tags": template.tags}
    chosen_for_accounts = initial_of(templates.targets(template))
    return texts | {"template": template.pk, "category": template.category_id} | chosen_for_accounts


def example(template: VideoTemplate) -> str:
    """The title of the next video, of a file that is called as the reader's language calls it."""
    return templates.metadata(template, templates.facts(_("file name"), template.next_number)).title


def note(template: VideoTemplate) -> str:
    """What becomes of the placeholders in the form that adds a video."""
    return _("Placeholders are filled in when the video is saved. The title: “%(title)s”") % {
        "title": example(template)
    }
