"""Calls about videos that are there. Those in the owner's name refuse a video of somebody else with 1006."""

from __future__ import annotations

from collections.abc import Sequence

from platforms.drivers.youku.client import Client, given
from platforms.drivers.youku.results import (
    VideoCategory,
    VideoDetails,
    VideoPage,
    category_of,
    details_of,
    page_of,
)
from platforms.transport.documented import documented
from platforms.values import gettext_noop

PUBLIC_SDK = "public SDK"


class VideosApi(Client):
    """Looking at videos, changing and deleting them, and the categories they stand in."""

    @documented("YK-11", "GET /videos/show.json", "youku-slice-upload.txt 4")
    def show_video(self, video_id: str, ext: Sequence[str] = ()) -> VideoDetails:
        """Details and state of one video; needs no token.

        `ext` names further fields to answer, as the open documentation lists them. Raises `Gone` (120020001).
        """
        params = given({"client_id": self.client_id, "video_id": video_id, "ext": ",".join(ext)})
        return details_of(self.ask("show_video", "GET", f"{self.api}/videos/show.json", params, safe=True))

    @documented("YK-X5", "GET /v2/videos/show_batch.json", f"{PUBLIC_SDK}, find_video_details_by_ids")
    def show_videos(self, video_ids: Sequence[str], ext: Sequence[str] = ()) -> VideoPage:
        """Details of several videos, those that are not there left out; needs no token. `ext` as in `show_video`."""
        params = given({"client_id": self.client_id, "video_ids": ",".join(video_ids), "ext": ",".join(ext)})
        return page_of(self.ask("show_videos", "GET", f"{self.open_api}/videos/show_batch.json", params, safe=True))

    @documented("YK-X2", "GET /videos/by_me.json", f"{PUBLIC_SDK}, find_videos_by_me")
    def list_my_videos(self, page: int = 1, count: int = 20, orderby: str = "published") -> VideoPage:
        """The account's own videos, `count` a page (at most 100), the newest first.

        `orderby`: published, view-count, comment-count or favorite-count.
        """
        params = {"orderby": orderby, "page": page, "count": count}
        answer = self.ask_with_token("list_my_videos", "GET", f"{self.api}/videos/by_me.json", params, safe=True)
        return page_of(answer)

    @documented("YK-X6", "POST /v2/videos/update.json", f"{PUBLIC_SDK}, update_video")
    def update_video(
        self,
        video_id: str,
        title: str | None = None,
        tags: Sequence[str] | None = None,
        category: str | None = None,
        copyright_type: str | None = None,
        public_type: str | None = None,
        watch_password: str | None = None,
        description: str | None = None,
        thumbnail_seq: int | None = None,
    ) -> str:
        """Change what is given of a video and leave the rest as it is; answers the video's id.

        Limits and choices are those of `create_upload`. `thumbnail_seq` is the number of the screenshot that becomes
        the cover. Raises `Gone` (120020001), `Refused` with the field for anything not taken.
        """
        self.keep_secret(watch_password or "")
        form = {
            "video_id": video_id, "title": title, "tags": None if tags is None else ",".join(tags),
            "category": category, "copyright_type": copyright_type, "public_type": public_type,
            "watch_password": watch_password, "description": description, "thumbnail_seq": thumbnail_seq,
        }  # fmt: skip
        url = f"{self.open_api}/videos/update.json"
        return self.ask_with_token("update_video", "POST", url, form, safe=True).text("id")

    @documented(
        "YK-X7",
        "POST /v2/videos/destroy.json",
        f"{PUBLIC_SDK}, destroy_video",
        danger=gettext_noop("It deletes the video on Youku for good."),
    )
    def delete_video(self, video_id: str) -> None:
        """Delete one video for good; never repeated by itself. Raises `Gone` (120020001) when there is none."""
        url = f"{self.open_api}/videos/destroy.json"
        self.ask_with_token("delete_video", "POST", url, {"video_id": video_id}, safe=False)

    @documented("YK-X8", "GET /v2/schemas/video/category.json", f"{PUBLIC_SDK}, video_category")
    def list_categories(self) -> tuple[VideoCategory, ...]:
        """Every category that a video may stand in; needs neither token nor `client_id`."""
        url = f"{self.open_api}/schemas/video/category.json"
        answer = self.ask("list_categories", "GET", url, {}, safe=True)
        return tuple(category_of(each) for each in answer.each("categories"))
