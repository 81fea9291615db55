"""The forms of subtitles: several files at once, each checked to the last line; and the name and language of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.models import Subtitle, Video
from platforms.services.subtitles import keeping, languages, reading
from platforms.services.subtitles.keeping import New
from platforms.services.subtitles.reading import Reading
from platforms.services.subtitles.remarks import Remark

ROWS_AT_FIRST = 3
MOST_SHOWN = 200
ACCEPTED = ",".join(f".{extension}" for extension in reading.EXTENSIONS)


def language_choices() -> list[tuple[str, str]]:
    """Codes with their names, and the name that the language has for itself where that is another."""
    return [(code, _named(_(name), languages.OWN_NAMES[code])) for code, name in languages.LANGUAGES.items()]


def _named(name: str, own: str) -> str:
    return f"{name} · {own}" if own and own != name else name


class FileForm(forms.Form):
    """One file of the page that adds; `reading` is what it holds, also when it is refused."""

    file = forms.FileField(
        label=gettext_lazy("File"), allow_empty_file=True, max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("A .vtt or .srt file in UTF-8, UTF-16 or GB18030, at most 2 MB."),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=language_choices, initial="zh-Hans")
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=keeping.LONGEST_NAME, required=False,
        help_text=gettext_lazy("What viewers choose it by. Empty: the language's own name."),
    )  # fmt: skip
    is_default = forms.BooleanField(label=gettext_lazy("Shown at first"), required=False)

    def __init__(self, *args: Any, duration: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duration = duration
        self.reading: Reading | None = None

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        name, size = file.name or "", file.size or 0
        if errors := reading.why_not_read(name, size):
            self.reading = Reading(name, reading.extension_of(name), errors=errors)
        else:
            self.reading = reading.read(name, file.read(), self.duration)
        if count := len(self.reading.errors):
            text = ngettext("“%(name)s” is not taken.", "“%(name)s” is not taken: %(count)d problems.", count)
            raise forms.ValidationError(text % {"name": name, "count": count})
        return file

    def refusals(self) -> list[tuple[int, str]]:
        """Line and reason of each problem; line 0 is the whole file."""
        return shown(self.reading.errors) if self.reading else []

    def more(self) -> int:
        """How many problems are not shown."""
        return max(0, len(self.reading.errors) - MOST_SHOWN) if self.reading else 0

    def news(self) -> list[New]:
        """What is to be added, of a valid form: nothing where no file was chosen."""
        if not self.reading:
            return []
        data = self.cleaned_data
        return [New(self.reading, data["language"], data["name"], data["is_default"])]


def shown(remarks: tuple[Remark, ...]) -> list[tuple[int, str]]:
    return [(remark.line, remark.text) for remark in remarks[:MOST_SHOWN]]


class FilesForm(forms.BaseFormSet):  # type: ignore[type-arg]
    """All files of the page: they are added together or not at all."""

    def __init__(self, data: Any = None, files: Any = None, *, video: Video) -> None:
        self.video = video
        super().__init__(data, files, prefix="files", form_kwargs={"duration": video.duration})

    def clean(self) -> None:
        if any(self.errors):
            return
        news = self.news()
        if not news:
            raise forms.ValidationError(_("Choose a file."))
        if problems := keeping.problems(self.video, news):
            raise forms.ValidationError(problems)

    def news(self) -> list[New]:
        return [new for form in self.forms for new in form.news()]


FileFormSet: type[FilesForm] = forms.formset_factory(  # type: ignore[assignment]
    FileForm, formset=FilesForm, extra=ROWS_AT_FIRST, max_num=keeping.MOST_A_VIDEO, absolute_max=keeping.MOST_A_VIDEO
)


class SubtitleForm(forms.Form):
    """The name and language of one subtitle."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=keeping.LONGEST_NAME)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=language_choices)

    def __init__(self, data: Any = None, *, subtitle: Subtitle) -> None:
        super().__init__(data, initial={"name": subtitle.name, "language": subtitle.language})
        self.subtitle = subtitle

    def save(self, actor: str) -> bool | None:
        """Whether anything has changed; None when the service refuses it, which is then an error of the form."""
        try:
            return keeping.rename(self.subtitle, self.cleaned_data["name"], self.cleaned_data["language"], actor=actor)
        except forms.ValidationError as error:
            self.add_error(None, error)
            return None
