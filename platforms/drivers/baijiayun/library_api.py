"""Baijiayun's calls about categories, subtitles and callback addresses (baijiayun-vod.txt, API-12 to 17, 32 to 36)."""

from __future__ import annotations

from platforms.drivers.baijiayun.client import Client
from platforms.drivers.baijiayun.results import (
    Category,
    Subtitle,
    VideoPage,
    category_of,
    page_of,
    subtitle_of,
)
from platforms.transport.answers import as_object, as_text

MOST_A_CATEGORY_PAGE = 100


class LibraryApi(Client):
    """How an account's videos are ordered, what is shown over them, and where the platform calls back."""

    def list_categories(self) -> tuple[Category, ...]:
        """The whole tree, at most five levels. Source: API-12."""
        fields = self.ask("list_categories", "/openapi/video/getCategoryList").inner("data")
        return tuple(category_of(entry.body) for entry in fields.each("list"))

    def get_category(self, category_id: str = "0") -> Category:
        """One category and its children; "0" is the root. Source: API-13."""
        fields = self.ask("get_category", "/openapi/video/getCategoryInfo", {"category_id": category_id})
        return category_of(fields.inner("data").body)

    def add_category(self, name: str, parent_id: str = "0") -> Category:
        """Add a category below another one, or at the top level ("0"). Source: API-14."""
        params = {"name": name, "parent_id": parent_id}
        fields = self.ask("add_category", "/openapi/video/addCategory", params, safe=False).inner("data")
        fields.text("id")
        return category_of(fields.body)

    def delete_category(self, category_id: str) -> None:
        """Delete a category without videos. Source: API-15."""
        self.ask("delete_category", "/openapi/video/deleteCategory", {"category_id": category_id}, safe=False)

    def list_category_videos(self, category_id: str, page: int = 1, page_size: int = MOST_A_CATEGORY_PAGE) -> VideoPage:
        """Videos of a category (of a top level one: and of its children), at most 100 a page. Source: API-16."""
        params = {"category_id": category_id, "page": page, "page_size": page_size}
        return page_of(self.ask("list_category_videos", "/openapi/video/getCategoryVideo", params).inner("data"))

    def set_video_category(self, video_id: str, category_id: str) -> None:
        """Put a video into a category. Source: API-17."""
        params = {"video_id": video_id, "category_id": category_id}
        self.ask("set_video_category", "/openapi/video/setVideoCategory", params)

    def upload_subtitle(self, video_id: str, name: str, file_name: str, content: bytes) -> Subtitle:
        """Add a subtitle; `file_name` ends in .vtt or .srt. The file is not part of the sign. Source: API-32."""
        fields = self.ask(
            "upload_subtitle", "/openapi/video/uploadSubtitle", {"video_id": video_id, "name": name}, safe=False,
            files={"subtitle": (file_name, content)},
        ).inner("data")  # fmt: skip
        fields.text("subtitle_id")
        return subtitle_of(fields.body)

    def list_subtitles(self, video_id: str) -> tuple[Subtitle, ...]:
        """The subtitles of a video. Source: API-33."""
        fields = self.ask("list_subtitles", "/openapi/video/getSubtitleList", {"video_id": video_id})
        return tuple(subtitle_of(entry.body) for entry in fields.each("data"))

    def rename_subtitle(self, subtitle_id: str, name: str) -> None:
        """Rename a subtitle. Source: API-34."""
        self.ask("rename_subtitle", "/openapi/video/updateSubtitle", {"subtitle_id": subtitle_id, "name": name})

    def set_default_subtitle(self, video_id: str, subtitle_id: str) -> None:
        """Make a subtitle the one that is shown at first. Source: API-35."""
        params = {"video_id": video_id, "subtitle_id": subtitle_id}
        self.ask("set_default_subtitle", "/openapi/video/setDefaultSubtitle", params)

    def delete_subtitle(self, subtitle_id: str) -> None:
        """Delete a subtitle. Source: API-36."""
        self.ask("delete_subtitle", "/openapi/video/deleteSubtitle", {"subtitle_id": subtitle_id}, safe=False)

    def set_callback_url(self, url: str) -> str:
        """Register the address (http or https) that transcode events are sent to; answers it. Source: callbacks 1."""
        fields = self.ask("set_callback_url", "/openapi/video_account/setTranscodeCallbackUrl", {"url": url})
        return fields.inner("data").text("url")

    def get_callback_url(self) -> str:
        """The registered address, "" when there is none. Source: callbacks 2."""
        fields = self.ask("get_callback_url", "/openapi/video_account/getTranscodeCallbackUrl")
        return as_text(as_object(fields.body.get("data")).get("url"))
