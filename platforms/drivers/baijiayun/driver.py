"""Baijiayun's video on demand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from platforms.contract import (
    AsksBeforePlaying,
    Call,
    CanBlock,
    CanCancelUpload,
    CanDelete,
    CanDeleteSources,
    CanRemoveDefinitions,
    CanRename,
    CanTranscodeAgain,
    Credentials,
    HasCategoryTree,
    HasEmbedCode,
    HasKey,
    HasLibrary,
    HasPlayAddresses,
    HasPlayTokens,
    HasQuota,
    HasScreenshots,
    HasStatistics,
    HasSubtitles,
    Source,
    UploadJob,
)
from platforms.drivers.baijiayun import callbacks, figures, look, mapping, upload
from platforms.drivers.baijiayun.api import MOST_A_PAGE, Api
from platforms.drivers.baijiayun.client import NO_DOMAIN, NO_KEY, PRIVATE_DOMAIN
from platforms.drivers.baijiayun.library_api import MOST_A_CATEGORY_PAGE
from platforms.drivers.baijiayun.results import AccountInfo, Subtitle
from platforms.drivers.baijiayun.statistics_api import MOST_RECORDS_A_PAGE, VIDEO_ON_DEMAND
from platforms.errors import Gone, Refused, Temporary
from platforms.transport.documented import ClientDriver
from platforms.transport.slices import MIB
from platforms.values import (
    AccountReport,
    Callback,
    Choice,
    Copy,
    Draft,
    EmbedCode,
    Field,
    LibraryPage,
    Pace,
    Platform,
    PlayAddress,
    PlayRecord,
    PlayRequest,
    Problem,
    RemoteCategory,
    RemoteSubtitle,
    RemoteVideo,
    Usage,
    gettext_noop,
    say,
)

ACCOUNT_WORKS = gettext_noop("Baijiayun accepts the account.")
KEY_STORED = gettext_noop("Baijiayun has handed out another partner_key, which is now the account's.")
SAME_KEY = gettext_noop("The account has the partner_key that is valid at Baijiayun.")
NO_SUCH_VIDEO = gettext_noop("Baijiayun no longer has the video.")

NO_TITLE = gettext_noop("Baijiayun needs a title.")
NO_DEFINITION = gettext_noop("Baijiayun needs at least one definition.")
NO_SUCH_CHOICE = gettext_noop("“%(value)s” is not one of: %(allowed)s.")
WRONG_EXTENSION = gettext_noop("Baijiayun does not take .%(extension)s files.")
AUDIO_ONLY = gettext_noop("Baijiayun takes .%(extension)s files as sound only: tick “process as audio”.")
EMPTY_FILE = gettext_noop("The file is empty.")


class Baijiayun(
    ClientDriver, CanCancelUpload, CanDelete, HasKey, HasQuota, HasLibrary, CanRename, CanBlock,
    CanTranscodeAgain, CanRemoveDefinitions, CanDeleteSources, HasScreenshots, HasCategoryTree, HasSubtitles,
    HasPlayTokens, HasPlayAddresses, HasEmbedCode, HasStatistics, AsksBeforePlaying,
):  # fmt: skip
    """Baijiayun: signed calls, the file whole or in sequential chunks, and everything an owner does afterwards."""

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
    pace = Pace(least_step=16)  # its list is read page by page, however few are asked about
    uploads = {
        upload.WHOLE: f"one form, for files of up to {upload.LARGEST_WHOLE // MIB} MiB",
        upload.FROM_ONE: f"sequential chunks of {upload.SMALLEST_CHUNK // MIB} MiB or more, the first byte is 1; "
        "Baijiayun says how many bytes it has",
        upload.FROM_ZERO: "the same, counted from 0, when Baijiayun counts so",
    }
    limits = {
        "title": "required",
        "definitions": "at least one, never better than the file itself",
        "audio files": "only “as audio”",
        "subtitles": ", ".join(sorted(mapping.SUBTITLE_EXTENSIONS)),
        "categories": "five levels; one in use cannot be deleted",
        "videos on a page": f"{MOST_A_PAGE}, of a category {MOST_A_CATEGORY_PAGE}",
        "play records": f"of one day; {MOST_RECORDS_A_PAGE} on a page",
        "traffic of one video": "within one month",
        "clock": f"at most {int(callbacks.TOLERANCE.total_seconds())} seconds off",
    }
    other_rows = (
        Call("BJ-C3", "", "POST to our callback address", "baijiayun-vod.txt callbacks 3"),
        Call("BJ-C4", "", "POST to our authorization address", "baijiayun-vod.txt third-party authorization"),
    )
    subtitle_extensions = mapping.SUBTITLE_EXTENSIONS
    category_levels = 5
    play_seconds = 12 * 3600  # API-23, when nothing else is asked for
    definitions, formats, removable_formats = mapping.DEFINITIONS, mapping.FORMATS, mapping.REMOVABLE_FORMATS

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

    def look(self, remote_ids: Sequence[str], closely: Collection[str] | None = None) -> Iterable[RemoteVideo]:
        return look.look(self.api, remote_ids, remote_ids if closely is None else closely)

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
            if look.absent(self.api, [remote_id]):
                raise Gone(say(NO_SUCH_VIDEO), code=refusal.code, call=refusal.call, detail=refusal.detail) from None
            raise

    def fetch_key(self) -> AccountReport:
        before = self.access.credentials.get("partner_key")
        return AccountReport(say(SAME_KEY if self.api.create_key().partner_key == before else KEY_STORED))

    def regenerate_key(self) -> AccountReport:
        self.api.create_key(regenerate=True)
        return AccountReport(say(KEY_STORED))

    def usage(self) -> Usage:
        return figures.usage(self.api)

    def every_video(self) -> Iterator[RemoteVideo]:
        return map(look.from_list, look.every_video(self.api))

    def library(self, cursor: str = "") -> Iterator[LibraryPage]:
        return look.library(self.api, cursor)

    def rename_video(self, remote_id: str, title: str) -> None:
        self.api.update_video(remote_id, title)

    def block_video(self, remote_id: str) -> None:
        self.api.set_publish_status(remote_id, mapping.BLOCK)

    def unblock_video(self, remote_id: str) -> None:
        self.api.set_publish_status(remote_id, mapping.PUBLISH)

    def copies(self, remote_id: str) -> frozenset[Copy]:
        return look.copies(self.api, remote_id)

    def transcode_again(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        self.api.transcode_again(remote_id, definitions, formats)

    def remove_definitions(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        """The mp4 of a definition can only be named when its other files are gone: those are removed first."""
        others = [each for each in formats if each != mapping.MP4]
        if others and len(others) < len(formats):
            self._remove_beside_mp4(remote_id, definitions, others)
            formats = [mapping.MP4]
        self.api.remove_definition(remote_id, definitions, formats)

    def _remove_beside_mp4(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str]) -> None:
        """Remove these files; that there are none of them is no failure."""
        try:
            self.api.remove_definition(remote_id, definitions, formats)
        except Refused:
            if any(copy.definition in definitions and copy.format in formats for copy in self.copies(remote_id)):
                raise

    def delete_sources(self, remote_ids: Sequence[str]) -> None:
        self.api.delete_origin_videos(remote_ids)

    def screenshots(self, remote_id: str) -> tuple[str, ...]:
        return self.api.get_images(remote_id).urls

    def list_categories(self) -> tuple[RemoteCategory, ...]:
        return look.every_category(self.api)

    def refresh_category(self, category_id: str) -> tuple[RemoteCategory, ...]:
        try:
            found = self.api.get_category(category_id or look.ROOT)
        except Refused as refusal:
            raise look.gone_category(self.api, category_id, refusal) from None
        return tuple(look.each_category([found]))

    def add_category(self, name: str, parent_id: str = "") -> RemoteCategory:
        return look.as_category(self.api.add_category(name, parent_id or look.ROOT))

    def delete_category(self, category_id: str) -> None:
        try:
            self.api.delete_category(category_id)
        except Refused as refusal:
            raise look.gone_category(self.api, category_id, refusal) from None

    def set_category(self, remote_id: str, category_id: str) -> None:
        self.api.set_video_category(remote_id, category_id or look.ROOT)

    def category_videos(self, category_id: str) -> Iterator[RemoteVideo]:
        return map(look.from_list, look.category_videos(self.api, category_id))

    def category_library(self, category_id: str, cursor: str = "") -> Iterator[LibraryPage]:
        return look.category_library(self.api, category_id, cursor)

    def list_subtitles(self, remote_id: str) -> tuple[RemoteSubtitle, ...]:
        return tuple(map(_subtitle, self.api.list_subtitles(remote_id)))

    def add_subtitle(self, remote_id: str, name: str, file: Source) -> RemoteSubtitle:
        return _subtitle(self.api.upload_subtitle(remote_id, name, file))

    def rename_subtitle(self, subtitle_id: str, name: str) -> None:
        self.api.rename_subtitle(subtitle_id, name)

    def set_default_subtitle(self, remote_id: str, subtitle_id: str) -> None:
        self.api.set_default_subtitle(remote_id, subtitle_id)

    def delete_subtitle(self, subtitle_id: str) -> None:
        self.api.delete_subtitle(subtitle_id)

    def play_tokens(self, remote_ids: Sequence[str], seconds: int) -> Mapping[str, str]:
        if len(remote_ids) == 1:
            return {remote_ids[0]: self.api.get_player_token(remote_ids[0], seconds)}
        return self.api.get_player_tokens(remote_ids, seconds)

    def play_addresses(self, remote_id: str) -> tuple[PlayAddress, ...]:
        return look.play_addresses(self.api, remote_id)

    def embed_code(self, remote_id: str) -> EmbedCode:
        share = self.api.get_share_urls(remote_id)
        return EmbedCode(share.iframe, share.js)

    def plays_by_day(self, first: date, last: date, remote_id: str = "") -> Mapping[date, int]:
        if remote_id:
            return self.api.get_video_daily_plays(remote_id, first, last)
        return self.api.get_account_daily_plays(first, last, VIDEO_ON_DEMAND)

    def most_played(self, first: date, last: date) -> Mapping[str, int]:
        return {video.video_id: video.plays for video in self.api.get_play_rank(first, last, VIDEO_ON_DEMAND)}

    def traffic(self, first: date, last: date, remote_id: str = "") -> int:
        if remote_id:
            return figures.video_traffic(self.api, remote_id, first, last)
        return self.api.get_account_flow(first, last)

    def traffic_by_day(self, first: date, last: date) -> Mapping[date, int]:
        return self.api.get_daily_flow(first, last)

    def traffic_by_video(self, day: date) -> Iterator[tuple[str, int]]:
        return figures.traffic_by_video(self.api, day)

    def play_records(self, first: datetime, last: datetime, remote_id: str = "") -> Iterator[PlayRecord]:
        return figures.play_records(self.api, first, last, remote_id)

    def register_callback(self, url: str) -> str:
        return self.api.set_callback_url(url)

    def registered_callback(self) -> str:
        return self.api.get_callback_url()

    def read_callback(self, form: Mapping[str, str], now: datetime) -> Callback:
        return callbacks.read(form, self.access.credentials.get("partner_key", ""), now)

    @staticmethod
    def callback_answer(refusal: str = "") -> Mapping[str, int | str]:
        return callbacks.answer(refusal)

    @staticmethod
    def read_play_request(form: Mapping[str, str]) -> PlayRequest:
        return callbacks.read_play_request(form)


def _subtitle(subtitle: Subtitle) -> RemoteSubtitle:
    return RemoteSubtitle(subtitle.subtitle_id, subtitle.name, subtitle.url, subtitle.is_default)


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
