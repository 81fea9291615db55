"""Youku: uploads over OSS or in slices, states by polling, its owner's consent, editing and deletion."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from platforms.contract import (
    Call,
    CanCancelUpload,
    CanDelete,
    CanEdit,
    CanRename,
    Credentials,
    HasCategories,
    HasConsent,
    HasLibrary,
    HasTokens,
    UploadJob,
)
from platforms.drivers.youku import upload, upload_oss, upload_slices
from platforms.drivers.youku.api import Api
from platforms.drivers.youku.mapping import (
    CATEGORIES,
    COPYRIGHT_TYPES,
    EXTENSIONS,
    NO_LOGIN,
    PUBLIC_TYPES,
    STATES,
    UPLOAD_METHODS,
)
from platforms.drivers.youku.results import Tokens, VideoDetails
from platforms.errors import BadAnswer, Gone, Refused, about
from platforms.transport.answers import as_int
from platforms.transport.documented import ClientDriver
from platforms.transport.pages import each_once, each_page
from platforms.transport.slices import MIB
from platforms.values import (
    AccountReport,
    Choice,
    Details,
    Draft,
    Field,
    LibraryPage,
    Platform,
    Problem,
    RemoteCategory,
    RemoteVideo,
    State,
    gettext_noop,
    say,
)

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_PASSWORD = 60, 2000, 32
MOST_TAGS, SHORTEST_TAG, LONGEST_TAG = 10, 2, 20
BATCH = 50
# What the account has learned: since when (unix time) the application may not ask for several videos at once.
NO_BATCHES_SINCE, ASK_AGAIN_SECONDS = "no_batches_since", 3600
MOST_SEARCHED = 2000
EMBED_PAGE = "https://player.youku.com/embed/"
FLASH_FILM = re.compile(r"/player\.php/.*\.swf.*$")

ACCOUNT_WORKS = gettext_noop("Youku accepts the account.")
TOKEN_RENEWED = gettext_noop("Youku has given the account a new access token.")
CONNECTED = gettext_noop("The account is connected: Youku has given it tokens of its own.")
TOKEN_ALREADY_RENEWED = gettext_noop("Another process has just renewed the access token.")
NO_SUCH_VIDEO = gettext_noop("Youku no longer has the video.")


class Youku(
    ClientDriver, CanCancelUpload, CanDelete, HasTokens, HasConsent, HasLibrary, CanRename, CanEdit,
    HasCategories,
):  # fmt: skip
    """One Youku account."""

    platform = Platform.YOUKU
    client = Api
    api: Api
    label = gettext_noop("Youku")
    credential_fields = (
        Field("client_id", gettext_noop("Application key (client_id)"), required=True),
        Field(
            "client_secret",
            gettext_noop("Application secret (client_secret)"),
            kind="secret",
            help=gettext_noop("Only needed to connect the account through Youku's own page."),
        ),
        Field(
            "access_token",
            gettext_noop("Access token"),
            kind="secret",
            help=gettext_noop("Left empty, the account is connected through Youku's own page."),
        ),
        Field(
            "refresh_token",
            gettext_noop("Refresh token"),
            kind="secret",
            help=gettext_noop("Without it a person has to enter a new access token whenever the old one expires."),
        ),
    )
    account_options = (
        Field("upload_method", gettext_noop("Upload method"), kind="choice", choices=UPLOAD_METHODS, default="oss"),
    )
    publish_options = (
        Field("copyright_type", gettext_noop("Copyright"), kind="choice", choices=COPYRIGHT_TYPES, default="original"),
        Field("public_type", gettext_noop("Who may watch"), kind="choice", choices=PUBLIC_TYPES, default="all"),
        Field(
            "watch_password",
            gettext_noop("Password for watching"),
            kind="secret",
            max_length=LONGEST_PASSWORD,
            help=gettext_noop("Letters and digits, at most 32; only together with “With a password”."),
        ),
        Field("deshake", gettext_noop("Steady a shaky picture"), kind="flag"),
    )
    categories = CATEGORIES
    extensions = EXTENSIONS
    calls_per_hour = 1000  # of an ordinary application; an intermediate one has 50,000, an advanced one 200,000
    uploads = {
        "oss": "Aliyun OSS, several parts at once, "
        f"{upload_oss.SMALLEST_PART // MIB} to {upload_oss.LARGEST_PART // MIB} MiB; "
        "the storage says which parts it has",
        "slices": "Youku's upload server, several slices at once, "
        f"{upload_slices.SMALLEST_SLICE_KB // 1024} to {upload_slices.LARGEST_SLICE_KB // 1024} MiB; "
        "the server says what is missing",
    }
    limits = {
        "title": f"1 to {LONGEST_TITLE} characters",
        "description": f"at most {LONGEST_DESCRIPTION} characters",
        "tags": f"1 to {MOST_TAGS}, each {SHORTEST_TAG} to {LONGEST_TAG} characters, without commas",
        "password for watching": f"at most {LONGEST_PASSWORD} letters and digits",
        "videos looked at in one call": f"{BATCH}, where the application may; else one",
        "calls": "1,000 an hour for an ordinary application, 50,000 for an intermediate, 200,000 for an advanced one",
        "same file again": "refused while the first video exists",
    }
    other_rows = (Call("YK-05", "", "Aliyun OSS, multipart upload", "youku-oss-upload.txt OSS上传文件"),)

    @classmethod
    def problems(cls, draft: Draft) -> list[Problem]:
        """The limits of youku-oss-upload.txt 上传创建: title, tags, description, choices and password, and the file."""
        return [problem for rule in RULES for problem in rule(draft)]

    @classmethod
    def credential_problems(cls, credentials: Credentials) -> list[Problem]:
        """Without a token somebody has to be able to fetch one."""
        if credentials.get("access_token") or credentials.get("client_secret"):
            return []
        return [Problem("access_token", say(NO_LOGIN))]

    def check_account(self) -> AccountReport:
        """One call that needs both `client_id` and `access_token`; the error names the one that is not accepted."""
        self.api.list_my_videos(count=1)
        return AccountReport(say(ACCOUNT_WORKS))

    def upload(self, job: UploadJob) -> str:
        """Over OSS, or in slices when the account says so; an upload goes on the way it was begun."""
        return upload.upload(self.api, job, "slices" if self.access.options.get("upload_method") == "slices" else "oss")

    def look(self, remote_ids: Sequence[str], closely: Collection[str] | None = None) -> Iterator[RemoteVideo]:
        """One call for up to 50 videos, where the application may; else one call each, closely or not.

        Without batches nothing else tells a video's end. An answer that cannot be read for one video is raised after
        all others were asked about.
        """
        unclear: dict[str, BadAnswer] = {}
        wanted = list(dict.fromkeys(remote_ids))
        for start in range(0, len(wanted), BATCH):
            video_ids = wanted[start : start + BATCH]
            found = self._look_at_several(video_ids) if len(video_ids) > 1 and self._may_ask_for_several() else {}
            for video_id in video_ids:
                try:
                    yield found.get(video_id) or self._look_at(video_id)
                except BadAnswer as error:
                    unclear[video_id] = error
        if unclear:
            raise about(unclear)

    def cancel_upload(self, token: Mapping[str, Any]) -> None:
        upload.cancel(self.api, token)

    def delete_video(self, remote_id: str) -> None:
        self.api.delete_video(remote_id)

    def refresh_token(self) -> AccountReport:
        tokens = self.api.refresh_token()
        return _report(TOKEN_RENEWED, tokens) if tokens else AccountReport(say(TOKEN_ALREADY_RENEWED))

    def consent_url(self, redirect_uri: str, state: str) -> str:
        return self.api.authorize_url(redirect_uri, state)

    def accept_code(self, code: str, redirect_uri: str) -> AccountReport:
        return _report(CONNECTED, self.api.exchange_code(code, redirect_uri))

    def every_video(self) -> Iterator[RemoteVideo]:
        """The account's own videos in every state, the newest first."""
        # A video that is uploaded meanwhile moves the others on: one may come twice.
        listed = (video for page in self.library() for video in page.videos)
        return each_once(listed, lambda video: video.remote_id)

    def library(self, cursor: str = "") -> Iterator[LibraryPage]:
        """How many there are is not always said: the list ends with an empty page, or one that came before."""
        said: int | None = None

        def fetch(page: int) -> tuple[None, Sequence[VideoDetails]]:
            nonlocal said
            answer = self.api.list_my_videos(page, BATCH)
            said = answer.total
            return None, answer.videos

        for page, _total, videos in each_page(fetch, int(cursor or 1)):
            yield LibraryPage(str(page), tuple(map(_as_remote, videos)), said)

    def owns(self, remote_id: str) -> bool:
        """Anybody's video can be looked at: whose it is, it says itself, or else the account's own list, the newest
        first."""
        newest = self.api.list_my_videos(1, BATCH).videos
        if any(video.video_id == remote_id for video in newest):
            return True
        own = {video.owner.user_id for video in newest if video.owner}
        if len(own) == 1 and (owner := self._owner(remote_id)):
            return owner in own
        return any(video.remote_id == remote_id for video in islice(self.every_video(), MOST_SEARCHED))

    def _owner(self, remote_id: str) -> str:
        """The id of whoever uploaded a video; "" when it is not said."""
        try:
            owner = self.api.show_video(remote_id).owner
        except (Gone, Refused):
            return ""
        return owner.user_id if owner else ""

    def rename_video(self, remote_id: str, title: str) -> None:
        self.api.update_video(remote_id, title=title)

    def edit_video(self, remote_id: str, details: Details) -> None:
        """An empty category leaves the video in the one it stands in: Youku knows no video without."""
        self.api.update_video(
            remote_id,
            title=details.title,
            description=details.description,
            tags=details.tags,
            category=details.category or None,
        )

    def list_categories(self) -> tuple[RemoteCategory, ...]:
        """By their names, as videos/show answers them."""
        return tuple(RemoteCategory(each.label, each.label) for each in self.api.list_categories())

    def _look_at_several(self, video_ids: Sequence[str]) -> dict[str, RemoteVideo]:
        """What a batch says; a video that it leaves out is not certainly missing, so it is asked for by itself.

        That the application may not ask for several is remembered for an hour.
        """
        try:
            page = self.api.show_videos(video_ids)
        except Refused:
            self.access.learn(NO_BATCHES_SINCE, str(int(time.time())))
            return {}
        except (Gone, BadAnswer):
            return {}
        return {video.video_id: _as_remote(video) for video in page.videos}

    def _may_ask_for_several(self) -> bool:
        since = as_int(self.access.learned.get(NO_BATCHES_SINCE)) or 0
        return time.time() - since >= ASK_AGAIN_SECONDS

    def _look_at(self, video_id: str) -> RemoteVideo:
        try:
            return _as_remote(self.api.show_video(video_id))
        except Gone as error:
            return RemoteVideo(video_id, State.MISSING, error.code, words=NO_SUCH_VIDEO)


def _report(sentence: str, tokens: Tokens) -> AccountReport:
    lifetime = tokens.expires_in
    return AccountReport(say(sentence), datetime.now(UTC) + timedelta(seconds=lifetime) if lifetime else None)


def _as_remote(video: VideoDetails) -> RemoteVideo:
    state, words = STATES.get(video.state, (None, ""))
    return RemoteVideo(
        remote_id=video.video_id,
        state=state,
        raw_state=video.state,
        words=words,
        title=video.title or None,
        page_url=video.link,
        embed_url=_embedding_page(video),
        cover_url=video.thumbnail,
        duration=video.duration,
        plays=video.view_count,
        category=video.category or None,
        created_at=video.created_at,
        description=video.description,
        tags=video.tags or None,  # every video has one
    )


def _embedding_page(video: VideoDetails) -> str:
    """The page that plays the video in a frame; `player` names a Flash film beside it, which no browser plays."""
    beside = FLASH_FILM.sub(f"/embed/{video.video_id}", video.player or EMBED_PAGE + video.video_id)
    return beside.replace("http://player.youku.com/", "https://player.youku.com/")


def _title(draft: Draft) -> Iterator[Problem]:
    if not draft.title.strip():
        yield Problem("title", say(gettext_noop("Youku needs a title.")))
    elif len(draft.title) > LONGEST_TITLE:
        sentence = gettext_noop("Youku takes at most %(most)s characters; the title has %(count)s.")
        yield Problem("title", say(sentence, most=LONGEST_TITLE, count=len(draft.title)))


def _description(draft: Draft) -> Iterator[Problem]:
    if len(draft.description) > LONGEST_DESCRIPTION:
        sentence = gettext_noop("Youku takes at most %(most)s characters; the description has %(count)s.")
        yield Problem("description", say(sentence, most=LONGEST_DESCRIPTION, count=len(draft.description)))


def _tags(draft: Draft) -> Iterator[Problem]:
    if not draft.tags:
        yield Problem("tags", say(gettext_noop("Youku needs at least one tag.")))
    if len(draft.tags) > MOST_TAGS:
        sentence = gettext_noop("Youku takes at most %(most)s tags; there are %(count)s.")
        yield Problem("tags", say(sentence, most=MOST_TAGS, count=len(draft.tags)))
    for tag in draft.tags:
        if not SHORTEST_TAG <= len(tag.strip()) <= LONGEST_TAG:
            sentence = gettext_noop("A tag on Youku has %(least)s to %(most)s characters: “%(tag)s”")
            yield Problem("tags", say(sentence, least=SHORTEST_TAG, most=LONGEST_TAG, tag=tag))
        elif "," in tag:
            yield Problem("tags", say(gettext_noop("A tag on Youku cannot contain a comma: “%(tag)s”"), tag=tag))


def _choices(draft: Draft) -> Iterator[Problem]:
    for name, choices in (("copyright_type", COPYRIGHT_TYPES), ("public_type", PUBLIC_TYPES)):
        if not _is_one_of(draft.options.get(name, ""), choices):
            yield Problem(name, say(gettext_noop("Youku has no such choice: “%(value)s”"), value=draft.options[name]))


def _is_one_of(value: str, choices: Iterable[Choice]) -> bool:
    return not value or value in {choice.value for choice in choices}


def _password(draft: Draft) -> Iterator[Problem]:
    password, protected = draft.options.get("watch_password", ""), draft.options.get("public_type") == "password"
    if protected and not password:
        yield Problem("watch_password", say(gettext_noop("Give the password that viewers have to enter on Youku.")))
    elif password and not protected:
        sentence = gettext_noop("A password only works together with “With a password”.")
        yield Problem("watch_password", say(sentence))
    elif password and not re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_PASSWORD}}}", password):
        sentence = gettext_noop("Youku takes letters and digits as a password, at most %(most)s.")
        yield Problem("watch_password", say(sentence, most=LONGEST_PASSWORD))


def _file(draft: Draft) -> Iterator[Problem]:
    if draft.size <= 0:
        yield Problem("file", say(gettext_noop("The file is empty.")))
    if draft.extension not in EXTENSIONS:
        sentence = gettext_noop("Youku does not take files of the kind “%(extension)s”.")
        yield Problem("file", say(sentence, extension=draft.extension))


RULES: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    _title, _description, _tags, _choices, _password, _file,
)  # fmt: skip
