"""Baijiayun's calls about categories, subtitles and callback addresses (baijiayun-vod.txt, API-12 to 17, 32 to 36)."""

from __future__ import annotations

from platforms.contract import Source
from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.client import Client
from platforms.drivers.baijiayun.results import (
    Category,
    Subtitle,
    VideoPage,
    category_of,
    page_of,
    subtitle_of,
)
from platforms.errors import Refused
from platforms.transport.answers import as_object, as_text
from platforms.transport.documented import documented
from platforms.transport.limits import check_page
from platforms.values import gettext_noop, say

MOST_A_CATEGORY_PAGE = 100

WRONG_SUBTITLE = gettext_noop("Baijiayun takes .vtt and .srt files as subtitles, not .%(extension)s.")
NO_WEB_ADDRESS = gettext_noop("A callback address begins with http:// or https://, and “%(url)s” does not.")


class LibraryApi(Client):
    """How an account's videos are ordered, what is shown over them, and where the platform calls back."""

    @documented("BJ-12", "POST /openapi/video/getCategoryList", "baijiayun-vod.txt API-12")
    def list_categories(self) -> tuple[Category, ...]:
        """The whole tree, at most five levels. Source: API-12."""
        fields = self.ask("list_categories", "/openapi/video/getCategoryList").inner("data")
        return tuple(category_of(entry.body) for entry in fields.each("list"))

    @documented("BJ-13", "POST /openapi/video/getCategoryInfo", "baijiayun-vod.txt API-13")
    def get_category(self, category_id: str = "0") -> Category:
        """One category and its children; "0" is the root. Source: API-13."""
        fields = self.ask("get_category", "/openapi/video/getCategoryInfo", {"category_id": category_id})
        return category_of(fields.inner("data").body)

    @documented("BJ-14", "POST /openapi/video/addCategory", "baijiayun-vod.txt API-14")
    def add_category(self, name: str, parent_id: str = "0") -> Category:
        """Add a category below another one, or at the top level ("0"). Source: API-14."""
        params = {"name": name, "parent_id": parent_id}
        fields = self.ask("add_category", "/openapi/video/addCategory", params, safe=False).inner("data")
        fields.text("id")
        return category_of(fields.body)

    @documented(
        "BJ-15", "POST /openapi/video/deleteCategory", "baijiayun-vod.txt API-15",
        danger=gettext_noop("It deletes the category for good."),
    )  # fmt: skip
    def delete_category(self, category_id: str) -> None:
        """Delete a category without videos. Source: API-15."""
        self.ask("delete_category", "/openapi/video/deleteCategory", {"category_id": category_id}, safe=False)

    @documented("BJ-16", "POST /openapi/video/getCategoryVideo", "baijiayun-vod.txt API-16")
    def list_category_videos(self, category_id: str, page: int = 1, page_size: int = 20) -> VideoPage:
        """Videos of a category (of a top level one: and of its children), at most 100 a page. Source: API-16."""
        check_page("list_category_videos", page, page_size, MOST_A_CATEGORY_PAGE)
        params = {"category_id": category_id, "page": page, "page_size": page_size}
        return page_of(self.ask("list_category_videos", "/openapi/video/getCategoryVideo", params).inner("data"))

    @documented("BJ-17", "POST /openapi/video/setVideoCategory", "baijiayun-vod.txt API-17")
    def set_video_category(self, video_id: str, category_id: str) -> None:
        """Put a video into a category. Source: API-17."""
        params = {"video_id": video_id, "category_id": category_id}
        self.ask("set_video_category", "/openapi/video/setVideoCategory", params)

    @documented("BJ-32", "POST /openapi/video/uploadSubtitle", "baijiayun-vod.txt API-32")
    def upload_subtitle(self, video_id: str, name: str, subtitle: Source) -> Subtitle:
        """Add a subtitle, a .vtt or .srt file, which is not part of the sign. Source: API-32."""
        if subtitle.extension not in mapping.SUBTITLE_EXTENSIONS:
            sentence = say(WRONG_SUBTITLE, extension=subtitle.extension)
            raise Refused(sentence, field="subtitle", call="upload_subtitle")
        fields = self.ask(
            "upload_subtitle", "/openapi/video/uploadSubtitle", {"video_id": video_id, "name": name}, safe=False,
            files={"subtitle": (f"subtitle.{subtitle.extension}", subtitle.read(0, subtitle.size))},
        ).inner("data")  # fmt: skip
        fields.text("subtitle_id")
        return subtitle_of(fields.body)

    @documented("BJ-33", "POST /openapi/video/getSubtitleList", "baijiayun-vod.txt API-33")
    def list_subtitles(self, video_id: str) -> tuple[Subtitle, ...]:
        """The subtitles of a video; what has no id is left out. Source: API-33."""
        fields = self.ask("list_subtitles", "/openapi/video/getSubtitleList", {"video_id": video_id})
        subtitles = (subtitle_of(entry.body) for entry in fields.each("data"))
        return tuple(subtitle for subtitle in subtitles if subtitle.subtitle_id)

    @documented("BJ-34", "POST /openapi/video/updateSubtitle", "baijiayun-vod.txt API-34")
    def rename_subtitle(self, subtitle_id: str, name: str) -> None:
        """Rename a subtitle. Source: API-34."""
        self.ask("rename_subtitle", "/openapi/video/updateSubtitle", {"subtitle_id": subtitle_id, "name": name})

    @documented("BJ-35", "POST /openapi/video/setDefaultSubtitle", "baijiayun-vod.txt API-35")
    def set_default_subtitle(self, video_id: str, subtitle_id: str) -> None:
        """Make a subtitle the one that is shown at first. Source: API-35."""
        params = {"video_id": video_id, "subtitle_id": subtitle_id}
        self.ask("set_default_subtitle", "/openapi/video/setDefaultSubtitle", params)

    @documented(
        "BJ-36", "POST /openapi/video/deleteSubtitle", "baijiayun-vod.txt API-36",
        danger=gettext_noop("It deletes the subtitle for good."),
    )  # fmt: skip
    def delete_subtitle(self, subtitle_id: str) -> None:
        """Delete a subtitle. Source: API-36."""
        self.ask("delete_subtitle", "/openapi/video/deleteSubtitle", {"subtitle_id": subtitle_id}, safe=False)

    @documented("BJ-C1", "POST /openapi/video_account/setTranscodeCallbackUrl", "baijiayun-vod.txt callbacks 1")
    def set_callback_url(self, url: str) -> str:
        """Register the address (http or https) that transcode events are sent to; answers it. Source: callbacks 1."""
        if not url.startswith(("http://", "https://")):
            raise Refused(say(NO_WEB_ADDRESS, url=url), field="url", call="set_callback_url")
        fields = self.ask("set_callback_url", "/openapi/video_account/setTranscodeCallbackUrl", {"url": url})
        return fields.inner("data").text("url")

    @documented("BJ-C2", "POST /openapi/video_account/getTranscodeCallbackUrl", "baijiayun-vod.txt callbacks 2")
    def get_callback_url(self) -> str:
        """The registered address, "" when there is none. Source: callbacks 2."""
        fields = self.ask("get_callback_url", "/openapi/video_account/getTranscodeCallbackUrl")
        return as_text(as_object(fields.body.get("data")).get("url"))
