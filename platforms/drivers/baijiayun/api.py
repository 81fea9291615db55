"""Baijiayun's calls, one method each (baijiayun-vod.txt). Times are aware UTC, sizes bytes, durations seconds.

Video ids are texts of digits. Every method raises `Temporary`, `BadAnswer`, `LoginExpired` and `Refused` with the
platform's own words; calls about a video refuse one that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from platforms.contract import Source
from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.client import Client
from platforms.drivers.baijiayun.library_api import LibraryApi
from platforms.drivers.baijiayun.results import (
    AccountInfo,
    Images,
    PlayUrl,
    ShareUrls,
    TranscodeStatus,
    UploadAddress,
    VideoInfo,
    VideoPage,
    account_of,
    info_of,
    page_of,
    play_url,
)
from platforms.drivers.baijiayun.statistics_api import VIDEO_ON_DEMAND, StatisticsApi
from platforms.errors import LoginExpired, PlatformError, Refused, Temporary
from platforms.transport.answers import as_int, as_list, as_object, as_text
from platforms.transport.bodies import FileBody
from platforms.transport.documented import documented
from platforms.transport.headers import http_date
from platforms.transport.limits import check_number, check_page
from platforms.values import gettext_noop, say

MOST_A_PAGE = 1000
FILE_FIELD = "data"
# Callbacks are refused from five minutes on (API-13); for calls the documents name no bound.
MOST_MINUTES_APART = 5
NEW_KEY = gettext_noop(
    "Baijiayun has a new partner_key for this account; it was fetched, and the work goes on with it."
)


class Api(LibraryApi, StatisticsApi, Client):
    """The calls of one account: keys in `client.py`, categories, subtitles, callbacks in `library_api.py`, figures in
    `statistics_api.py`, everything else here."""

    @documented("BJ-02", "POST /openapi/video/getUploadUrl", "baijiayun-vod.txt API-2")
    def get_upload_url(
        self,
        file_name: str,
        definition: Sequence[str],
        audio_with_view: bool = False,
        format: Sequence[str] = (),
        encrypt: str = "",
    ) -> UploadAddress:
        """Create a video and answer where its bytes go. Source: API-2.

        `definition` are codes of `mapping.DEFINITIONS`, `format` of `mapping.FORMATS` (none: all three), `encrypt` is
        "1", "2" or "" for the account's own setting; `audio_with_view` is for a file of sound alone.
        """
        params = {
            "file_name": file_name, "definition": definition, "audio_with_view": audio_with_view or None,
            "format": format, "encrypt": encrypt, "use_https": 1,
        }  # fmt: skip
        fields = self.ask("get_upload_url", "/openapi/video/getUploadUrl", params, safe=False).inner("data")
        return UploadAddress(fields.text("video_id"), _with_scheme(fields.text("upload_url")), 0)

    @documented("BJ-03", "POST {upload_url}", "baijiayun-vod.txt API-3")
    def upload_file(self, upload_url: str, file: Source | FileBody, content_range: str = "") -> None:
        """Send a file: whole, as a form, or with `content_range` ("bytes 1-500/2000") as one chunk of a longer one.

        The document knows only the whole file; chunks are what API-4 goes on from. Raises `Temporary` for a broken
        connection; what has arrived is then said by `get_resume_upload_url`. Source: API-3.
        """
        body = file if isinstance(file, FileBody) else FileBody(file, 0, file.size)
        if content_range:
            headers = {"Content-Type": "application/octet-stream", "Content-Range": content_range}
        else:
            headers = {"Content-Type": body.as_form(FILE_FIELD)}
        self.send_file("upload_file", upload_url, body, headers)

    @documented("BJ-04", "POST /openapi/video/getResumeUploadUrl", "baijiayun-vod.txt API-4")
    def get_resume_upload_url(self, video_id: str) -> UploadAddress:
        """A fresh address for an upload under way, and how many bytes have arrived. Source: API-4."""
        params = {"video_id": video_id, "use_https": 1}
        fields = self.ask("get_resume_upload_url", "/openapi/video/getResumeUploadUrl", params).inner("data")
        return UploadAddress(video_id, _with_scheme(fields.text("upload_url")), fields.number("upload_size"))

    @documented("BJ-05", "POST /openapi/video/getStatus", "baijiayun-vod.txt API-5")
    def get_status(self, video_id: str) -> TranscodeStatus:
        """Where the transcoding of a video stands. Source: API-5."""
        fields = self.ask("get_status", "/openapi/video/getStatus", {"video_id": video_id}).inner("data")
        return TranscodeStatus(fields.number("status"), as_text(fields.body.get("info")))

    @documented("BJ-06", "POST /openapi/video/getInfo", "baijiayun-vod.txt API-6")
    def get_info(self, video_id: str) -> VideoInfo | None:
        """What is known of a video; None when the answer is a success without a video. Source: API-6."""
        fields = self.ask("get_info", "/openapi/video/getInfo", {"video_id": video_id})
        return info_of(video_id, fields.inner("data")) if fields.body.get("data") else None

    @documented("BJ-07", "POST /openapi/video/getImage", "baijiayun-vod.txt API-7")
    def get_images(self, video_id: str) -> Images:
        """Screenshots of a video, their width and height in pixels. Source: API-7."""
        data = self.ask("get_images", "/openapi/video/getImage", {"video_id": video_id}).inner("data").body
        urls = tuple(url for url in map(as_text, as_list(data.get("imgs"))) if url)
        return Images(as_int(data.get("width")), as_int(data.get("height")), as_int(data.get("img_count")), urls)

    @documented(
        "BJ-08", "POST /openapi/video/removeDefinition", "baijiayun-vod.txt API-8",
        danger=gettext_noop("It removes transcoded files of the video for good."),
    )  # fmt: skip
    def remove_definition(self, video_id: str, definition: Sequence[str], type: Sequence[str] = ()) -> None:
        """Remove transcoded files of some definitions, and of some types only (1 mp4, 2 flv, 4 m3u8, 8 encrypt).

        mp4 can be named when its definition has no file of another type any more; no type: all of them. Source: API-8.
        """
        params = {"video_id": video_id, "definition": definition, "type": type}
        self.ask("remove_definition", "/openapi/video/removeDefinition", params, safe=False)

    @documented(
        "BJ-09", "POST /openapi/video/deleteOriginVideo", "baijiayun-vod.txt API-9",
        danger=gettext_noop("It deletes the source files for good: these videos can never be transcoded again."),
    )  # fmt: skip
    def delete_origin_videos(self, video_ids: Sequence[str]) -> None:
        """Delete the source files of several videos; what was transcoded stays. Source: API-9."""
        self.ask("delete_origin_videos", "/openapi/video/deleteOriginVideo", {"video_ids": video_ids}, safe=False)

    @documented("BJ-10", "POST /openapi/video/update", "baijiayun-vod.txt API-10")
    def update_video(self, video_id: str, name: str = "") -> None:
        """Rename a video; without a name nothing changes. Source: API-10."""
        self.ask("update_video", "/openapi/video/update", {"video_id": video_id, "name": name})

    @documented(
        "BJ-11", "POST /openapi/video/delete", "baijiayun-vod.txt API-11",
        danger=gettext_noop("It deletes the video for good."),
    )  # fmt: skip
    def delete_video(self, video_id: str) -> None:
        """Delete a video for good. Source: API-11."""
        self.ask("delete_video", "/openapi/video/delete", {"video_id": video_id}, safe=False)

    @documented("BJ-18", "POST /openapi/video/getPlayerToken", "baijiayun-vod.txt API-18")
    def get_player_token(self, video_id: str, expires_in: int = 0) -> str:
        """A token with which a player plays the video for `expires_in` seconds (0: for ever). Source: API-18."""
        check_number("get_player_token", "expires_in", expires_in, 0)
        params = {"video_id": video_id, "expires_in": expires_in}
        return self.ask("get_player_token", "/openapi/video/getPlayerToken", params).inner("data").text("token")

    @documented("BJ-19", "POST /openapi/video/getPlayerTokenBatch", "baijiayun-vod.txt API-19")
    def get_player_tokens(
        self, video_ids: Sequence[str], expires_in: int, product_type: int = VIDEO_ON_DEMAND
    ) -> dict[str, str]:
        """Player tokens by video id, good for `expires_in` seconds (0: for ever); a video without one is left out.

        `product_type`: 1 large class, 2 small class, 3 double teacher, 4 business, 5 video on demand. Source: API-19.
        """
        check_number("get_player_tokens", "expires_in", expires_in, 0)
        params = {"video_ids": video_ids, "expires_in": expires_in, "product_type": product_type}
        fields = self.ask("get_player_tokens", "/openapi/video/getPlayerTokenBatch", params)
        tokens = {name: as_text(token) for name, token in as_object(fields.body.get("data")).items()}
        return {video_id: token for video_id, token in tokens.items() if token}

    @documented("BJ-20", "POST /openapi/video_account/getAccountInfo", "baijiayun-vod.txt API-20")
    def get_account_info(self) -> AccountInfo:
        """The plan and what is used of it, counted once a day. Source: API-20."""
        return account_of(self.ask("get_account_info", "/openapi/video_account/getAccountInfo").inner("data"))

    @documented("BJ-23", "POST /openapi/video/getUrl", "baijiayun-vod.txt API-23")
    def get_play_urls(self, video_id: str, format: str = "mp4", expires_in: int = 12 * 3600) -> dict[str, PlayUrl]:
        """Play addresses by definition (low, high, superHD, 720p, 1080p, audio), good for `expires_in` seconds.

        `format` is mp4, m3u8, flv or encrypt. Source: API-23.
        """
        check_number("get_play_urls", "expires_in", expires_in, 1)
        params = {"video_id": video_id, "format": format, "expires_in": expires_in}
        fields = self.ask("get_play_urls", "/openapi/video/getUrl", params).inner("data")
        return {name: play_url(as_object(entry)) for name, entry in as_object(fields.body.get("play_info")).items()}

    @documented("BJ-26", "POST /openapi/video/setPublishStatus", "baijiayun-vod.txt API-26")
    def set_publish_status(self, video_id: str, status: int) -> None:
        """Publish (1) or block (2) a video. Source: API-26."""
        check_number("set_publish_status", "status", status, mapping.PUBLISH, mapping.BLOCK)
        self.ask("set_publish_status", "/openapi/video/setPublishStatus", {"video_id": video_id, "status": status})

    @documented("BJ-27", "POST /openapi/video/getShareUrl", "baijiayun-vod.txt API-27")
    def get_share_urls(self, video_id: str) -> ShareUrls:
        """Addresses of the player, with its token: as a page for an iframe, as a script, as Flash. Source: API-27."""
        data = self.ask("get_share_urls", "/openapi/video/getShareUrl", {"video_id": video_id}).inner("data").body
        return ShareUrls(as_text(data.get("iframe")), as_text(data.get("js")), as_text(data.get("flash")))

    @documented("BJ-31", "POST /openapi/video/getVideoList", "baijiayun-vod.txt API-31")
    def list_videos(self, page: int = 1, page_size: int = 20, create_time: datetime | None = None) -> VideoPage:
        """The account's videos in every state, at most 1000 a page; `page` counts from 1. Source: API-31.

        `create_time` (aware) is passed on; the document does not say how the platform compares it.
        """
        check_page("list_videos", page, page_size, MOST_A_PAGE)
        params = {"page": page, "page_size": page_size, "create_time": create_time}
        fields = self.ask("list_videos", "/openapi/video/getVideoList", params).inner("data")
        return page_of(fields)

    @documented("BJ-40", "POST /openapi/video/transcodeAgain", "baijiayun-vod.txt API-40")
    def transcode_again(self, video_id: str, definition: Sequence[str], format: Sequence[str] = ()) -> None:
        """Transcode a video to other definitions and formats (none: all three). Source: API-40."""
        params = {"video_id": video_id, "definition": definition, "format": format}
        self.ask("transcode_again", "/openapi/video/transcodeAgain", params, safe=False)

    def blame(self, refusal: PlatformError) -> PlatformError:
        """The refusal itself when the account works otherwise; else an error about the account.

        No code tells a wrong key from any other refusal, but the account's own figures are refused for nothing else.
        """
        try:
            self.get_account_info()
        except Refused as refused:
            words, apart = refused.sentence.params.get("words"), self._minutes_apart()
            if apart >= MOST_MINUTES_APART:
                sentence = say(mapping.CHECK_CLOCK, minutes=apart, words=words)
                return LoginExpired(sentence, code=refused.code, call=refused.call, detail=refused.detail)
            if self.renew_key():
                return Temporary(say(NEW_KEY), retry_after=1.0, code=refused.code, call=refused.call)
            key = "secret_key" if refused.call == "create_key" else "partner_key"
            return LoginExpired(
                say(mapping.CHECK_CREDENTIALS, words=words), code=refused.code, field=key,
                call=refused.call, detail=refused.detail,
            )  # fmt: skip
        return refusal

    def _minutes_apart(self) -> int:
        """How far this machine's clock is from the platform's, as the newest answer tells; 0 when it does not."""
        answer = self.http.last_answer
        theirs = http_date(answer.headers.get("Date", "")) if answer else None
        return round(abs((datetime.now(UTC) - theirs).total_seconds()) / 60) if theirs else 0


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"
