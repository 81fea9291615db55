"""iQiyi's video cloud."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.contract import (
    CanAuthorize,
    CanCancelUpload,
    CanDelete,
    CanEdit,
    HasCategories,
    HasLibrary,
    HasPlayAddresses,
    HasTokens,
    UploadJob,
)
from platforms.drivers.iqiyi import mapping, upload
from platforms.drivers.iqiyi.api import MOST_A_PAGE, Api, FullStatus, ListedVideo, Token
from platforms.errors import BadAnswer, Gone, PlatformError, Refused, about
from platforms.transport.answers import as_int
from platforms.transport.documented import ClientDriver
from platforms.transport.pages import each_once, each_page
from platforms.transport.slices import MIB
from platforms.values import (
    AccountReport,
    Details,
    Draft,
    Field,
    LibraryPage,
    Platform,
    PlayAddress,
    Problem,
    RemoteCategory,
    RemoteVideo,
    State,
    gettext_noop,
    say,
)

ACCOUNT_WORKS = gettext_noop("iQiyi accepts the account; it has %(count)s finished videos there.")
TOKEN_RENEWED = gettext_noop("iQiyi has given the account a new access token.")
TOKEN_ALREADY_RENEWED = gettext_noop("Another process has just renewed the access token.")
NO_SUCH_VIDEO = gettext_noop("iQiyi no longer has the video.")

NO_TITLE = gettext_noop("iQiyi needs a title.")
NO_DESCRIPTION = gettext_noop("iQiyi needs a description.")
TAG_WITH_COMMA = gettext_noop("iQiyi separates tags by commas: “%(tag)s” must not contain one.")
NO_SUCH_CATEGORY = gettext_noop("iQiyi has no category “%(category)s”.")
WRONG_EXTENSION = gettext_noop("iQiyi does not take .%(extension)s files.")
EMPTY_FILE = gettext_noop("The file is empty.")


class Iqiyi(
    ClientDriver, CanCancelUpload, CanDelete, HasTokens, CanAuthorize, HasLibrary, CanEdit, HasCategories,
    HasPlayAddresses,
):  # fmt: skip
    """iQiyi: ranges sent in parallel, a fixed table of categories, states by file id."""

    platform = Platform.IQIYI
    client = Api
    api: Api
    label = gettext_noop("iQiyi")
    credential_fields = (
        Field("client_id", gettext_noop("Client id (app key)"), required=True),
        Field("client_secret", gettext_noop("Client secret (app secret)"), kind="secret", required=True),
        Field(
            "access_token", gettext_noop("Access token"), kind="secret",
            help=gettext_noop("Left empty, it is fetched with client id and client secret."),
        ),
        Field(
            "refresh_token", gettext_noop("Refresh token"), kind="secret",
            help=gettext_noop("Left empty, it is fetched with client id and client secret."),
        ),
    )  # fmt: skip
    categories = mapping.CATEGORIES
    play_seconds = 15 * 60  # section 6, note 2
    extensions = mapping.EXTENSIONS
    uploads = {
        upload.PROTOCOL: "several ranges at once, "
        f"{upload.SMALLEST_PART // MIB} to {upload.LARGEST_PART // MIB} MiB as the line is fast; "
        "what iQiyi has confirmed is remembered here, as no call tells it",
    }
    limits = {
        "title": "required",
        "description": "required",
        "tags": "without commas",
        "category": f"one of {len(mapping.CATEGORIES)} of the document's table",
        "videos looked at in one call": f"{MOST_A_PAGE}; what has failed is only told one by one",
        "play addresses": "live about 15 minutes",
    }

    @classmethod
    def problems(cls, draft: Draft) -> list[Problem]:
        return [*_text_problems(draft), *_file_problems(draft)]

    def check_account(self) -> AccountReport:
        page = self.api.list_videos(page_size=1)
        return AccountReport(say(ACCOUNT_WORKS, count=len(page.videos) if page.count is None else page.count))

    def upload(self, job: UploadJob) -> str:
        return upload.upload(self.api, job)

    def look(self, remote_ids: Sequence[str], closely: Collection[str] | None = None) -> Iterable[RemoteVideo]:
        """One list call a hundred videos, then one call for each of `closely` that the list does not hold.

        The list has finished and approved videos only, so that absence says nothing: failures are only seen closely.
        An answer that cannot be read for one video is raised after all others were asked about.
        """
        unclear: dict[str, PlatformError] = {}
        wanted = list(dict.fromkeys(remote_ids))
        for start in range(0, len(wanted), MOST_A_PAGE):
            file_ids = wanted[start : start + MOST_A_PAGE]
            listed = {video.file_id: video for video in self.api.list_videos(file_ids, MOST_A_PAGE).videos}
            for file_id in file_ids:
                if file_id not in listed and closely is not None and file_id not in closely:
                    continue
                try:
                    yield self._seen(file_id, listed.get(file_id))
                except (BadAnswer, Refused) as error:
                    unclear[file_id] = error
        if unclear:
            raise about(unclear)

    def cancel_upload(self, token: Mapping[str, Any]) -> None:
        file_id = str(token.get("file_id", ""))
        if not file_id:
            return
        try:
            self.api.cancel_upload(file_id)
        except Refused:
            if self.api.get_full_status(file_id).code not in mapping.NEVER_COMES:
                raise

    def delete_video(self, remote_id: str) -> None:
        try:
            self.api.delete_video(remote_id)
        except Refused as error:
            if self.api.get_full_status(remote_id).state == State.MISSING:
                raise Gone(say(NO_SUCH_VIDEO), code=error.code, call=error.call, detail=error.detail) from None
            raise

    def refresh_token(self) -> AccountReport:
        return _report(self.api.renew_token(self.access.credentials.get("access_token", "")))

    def authorize(self) -> AccountReport:
        return _report(self.api.authorize())

    def every_video(self) -> Iterator[RemoteVideo]:
        """iQiyi lists only what is finished and approved."""
        listed = (video for page in self.library() for video in page.videos)
        return each_once(listed, lambda video: video.remote_id)

    def library(self, cursor: str = "") -> Iterator[LibraryPage]:
        def fetch(page: int) -> tuple[int | None, Sequence[ListedVideo]]:
            answer = self.api.list_videos(page_size=MOST_A_PAGE, page=page)
            return answer.count, answer.videos

        for page, total, videos in each_page(fetch, int(cursor or 1)):
            yield LibraryPage(str(page), tuple(map(_from_list, videos)), total)

    def edit_video(self, remote_id: str, details: Details) -> None:
        self.api.set_info(remote_id, details.title, details.description, details.tags, details.category)

    def list_categories(self) -> tuple[RemoteCategory, ...]:
        """The table of the document: no call asks for it."""
        return tuple(RemoteCategory(value, label) for value, label in mapping.CATEGORIES)

    def play_addresses(self, remote_id: str) -> tuple[PlayAddress, ...]:
        return tuple(
            PlayAddress(url, container, mapping.DEFINITIONS.get(definition, definition))
            for container, urls in self.api.get_play_urls(remote_id).items()
            for definition, url in urls.items()
            if url
        )

    def _seen(self, file_id: str, listed: ListedVideo | None) -> RemoteVideo:
        return _from_list(listed) if listed else _from_status(self.api.get_full_status(file_id))


def _report(token: Token) -> AccountReport:
    if not token.is_new:
        return AccountReport(say(TOKEN_ALREADY_RENEWED))
    ends = datetime.now(UTC) + timedelta(seconds=token.expires_in) if token.expires_in else None
    return AccountReport(say(TOKEN_RENEWED), ends)


def _from_list(video: ListedVideo) -> RemoteVideo:
    state, words = mapping.FILE_STATES.get(as_int(video.status) or 0, (None, ""))
    raw = f"fileStatus {video.status}" if video.status else ""
    return RemoteVideo(
        video.file_id, state, raw, words, title=video.file_name, page_url=video.page_url,
        # The page is a bare player; the other address that iQiyi has is a Flash film, which no browser plays any more.
        embed_url=video.page_url, cover_url=video.image or video.original_image or video.thumbnail,
        duration=video.duration, plays=video.plays, created_at=video.created_at, description=video.description,
    )  # fmt: skip


def _from_status(status: FullStatus) -> RemoteVideo:
    return RemoteVideo(
        status.file_id, status.state, status.code, status.words,
        embed_url=status.player_url, cover_url=status.image or status.thumbnail,
    )  # fmt: skip


def _text_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.title.strip():
        yield Problem("title", say(NO_TITLE))
    if not draft.description.strip():
        yield Problem("description", say(NO_DESCRIPTION))
    for tag in draft.tags:
        if "," in tag:
            yield Problem("tags", say(TAG_WITH_COMMA, tag=tag))
    if draft.category and draft.category not in dict(mapping.CATEGORIES):
        yield Problem("category", say(NO_SUCH_CATEGORY, category=draft.category))


def _file_problems(draft: Draft) -> Iterator[Problem]:
    if draft.size <= 0:
        yield Problem("file", say(EMPTY_FILE))
    if draft.extension not in mapping.EXTENSIONS:
        yield Problem("file", say(WRONG_EXTENSION, extension=draft.extension))
