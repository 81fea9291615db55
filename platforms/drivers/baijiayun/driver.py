"""Baijiayun's video on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from platforms.contract import Access, CanCancelUpload, CanDelete, Credentials, Driver, UploadJob
from platforms.drivers.baijiayun import look, mapping, upload
from platforms.drivers.baijiayun.api import Api
from platforms.drivers.baijiayun.client import NO_DOMAIN, NO_KEY, PRIVATE_DOMAIN
from platforms.drivers.baijiayun.results import AccountInfo
from platforms.errors import Gone, Refused, Temporary
from platforms.transport.documented import CallsByName
from platforms.values import (
    AccountReport,
    Choice,
    Draft,
    Field,
    Platform,
    Problem,
    RemoteVideo,
    gettext_noop,
    say,
)

ACCOUNT_WORKS = gettext_noop("Baijiayun accepts the account.")
NO_SUCH_VIDEO = gettext_noop("Baijiayun no longer has the video.")

NO_TITLE = gettext_noop("Baijiayun needs a title.")
NO_DEFINITION = gettext_noop("Baijiayun needs at least one definition.")
NO_SUCH_CHOICE = gettext_noop("“%(value)s” is not one of: %(allowed)s.")
WRONG_EXTENSION = gettext_noop("Baijiayun does not take .%(extension)s files.")
AUDIO_ONLY = gettext_noop("Baijiayun takes .%(extension)s files as sound only: tick “process as audio”.")
EMPTY_FILE = gettext_noop("The file is empty.")


class Baijiayun(CallsByName, Driver, CanCancelUpload, CanDelete):
    """Baijiayun: signed calls, the file whole or in sequential chunks."""

    platform = Platform.BAIJIAYUN
    client = Api
    api: Api
    label = gettext_noop("Baijiayun")
    credential_fields = (
        Field(
            "private_domain", gettext_noop("Private domain"), required=True,
            help=gettext_noop("The part of the account's own address before .at.baijiayun.com."),
        ),
        Field("partner_id", gettext_noop("Partner id"), required=True),
        Field(
            "partner_key", gettext_noop("Partner key"), kind="secret",
            help=gettext_noop("Left empty, it is fetched with the secret key."),
        ),
        Field(
            "secret_key", gettext_noop("Secret key"), kind="secret",
            help=gettext_noop("Only needed to fetch the partner key."),
        ),
    )  # fmt: skip
    publish_options = (
        Field(
            "definition", gettext_noop("Definitions"), kind="choices", choices=mapping.DEFINITIONS, required=True,
            default="16,1,2", help=gettext_noop("What to transcode to; never better than the file itself."),
        ),
        Field(
            "format", gettext_noop("Formats"), kind="choices", choices=mapping.FORMATS,
            help=gettext_noop("Nothing chosen: all three."),
        ),
        Field(
            "encrypt", gettext_noop("Encryption"), kind="choice", choices=mapping.ENCRYPT,
            help=gettext_noop("Only for accounts that may encrypt; nothing chosen: as the account is set."),
        ),
        Field("audio_with_view", gettext_noop("Process as audio"), kind="flag"),
    )  # fmt: skip
    extensions = mapping.VIDEO_EXTENSIONS | mapping.AUDIO_EXTENSIONS

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.api = Api(access)

    @property
    def calls(self) -> int:
        return self.api.http.calls

    @classmethod
    def problems(cls, draft: Draft) -> list[Problem]:
        return [*_title_problems(draft), *_option_problems(draft), *_file_problems(draft)]

    @classmethod
    def credential_problems(cls, credentials: Credentials) -> list[Problem]:
        problems = []
        domain = credentials.get("private_domain", "")
        if domain and not PRIVATE_DOMAIN.fullmatch(domain):
            problems.append(Problem("private_domain", say(NO_DOMAIN, domain=domain)))
        if not credentials.get("partner_key") and not credentials.get("secret_key"):
            problems.append(Problem("partner_key", say(NO_KEY)))
        return problems

    def check_account(self) -> AccountReport:
        try:
            info = self.api.get_account_info()
        except Refused as refusal:
            error = self.api.blame(refusal)
            if not isinstance(error, Temporary):
                raise error from None
            info = self.api.get_account_info()
        if info.status in mapping.SERVICE_STATES:
            raise Refused(say(mapping.SERVICE_STATES[info.status]), code=str(info.status), call="get_account_info")
        return AccountReport(say(ACCOUNT_WORKS), quota=_quota(info))

    def upload(self, job: UploadJob) -> str:
        return upload.upload(self.api, job)

    def look(self, remote_ids: Sequence[str]) -> Iterable[RemoteVideo]:
        return look.look(self.api, remote_ids)

    def cancel_upload(self, token: Mapping[str, Any]) -> None:
        """There is no call for it: the unfinished video is deleted."""
        if video_id := str(token.get("video_id", "")):
            try:
                self.delete_video(video_id)
            except Gone:
                return

    def delete_video(self, remote_id: str) -> None:
        try:
            self.api.delete_video(remote_id)
        except Refused as refusal:
            if look.Catalogue(self.api).lacks(remote_id):
                raise Gone(say(NO_SUCH_VIDEO), code=refusal.code, call=refusal.call, detail=refusal.detail) from None
            raise


def _quota(info: AccountInfo) -> dict[str, int]:
    figures = {
        "total_storage": info.total_storage,
        "used_storage": info.used_storage,
        "used_flow": info.used_flow,
        "month_flow_limit": info.month_flow_limit,
        "total_flow_limit": info.total_flow_limit,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _title_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.title.strip():
        yield Problem("title", say(NO_TITLE))


def _option_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.options.get("definition", ""):
        yield Problem("definition", say(NO_DEFINITION))
    for field in Baijiayun.publish_options:
        chosen = draft.options.get(field.name, "")
        if field.choices and chosen:
            yield from _unknown_choices(field.name, chosen, field.choices)


def _unknown_choices(name: str, chosen: str, choices: Sequence[Choice]) -> Iterator[Problem]:
    allowed = [choice.value for choice in choices]
    for value in chosen.split(","):
        if value not in allowed:
            yield Problem(name, say(NO_SUCH_CHOICE, value=value, allowed=", ".join(allowed)))


def _file_problems(draft: Draft) -> Iterator[Problem]:
    if draft.size <= 0:
        yield Problem("file", say(EMPTY_FILE))
    if draft.extension in mapping.VIDEO_EXTENSIONS:
        return
    if draft.extension not in mapping.AUDIO_EXTENSIONS:
        yield Problem("file", say(WRONG_EXTENSION, extension=draft.extension))
    elif draft.options.get("audio_with_view", "") != "1":
        yield Problem("audio_with_view", say(AUDIO_ONLY, extension=draft.extension))
