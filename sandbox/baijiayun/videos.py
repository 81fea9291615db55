"""Looking at videos and changing them (baijiayun-vod.txt, API-5 to API-11, API-23, API-26, API-31 and API-40)."""

from sandbox.baijiayun.callbacks import Callbacks
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.categories import Categories
from sandbox.baijiayun.definitions import (
    DEFINITIONS,
    DONE,
    ENCRYPTED,
    FAILED,
    FORMATS,
    MP4,
    STATUSES,
    TRANSCODE_TIMEOUT,
    TYPES,
)
from sandbox.baijiayun.errors import Code, refuse
from sandbox.baijiayun.library import Copy, Library
from sandbox.baijiayun.media import Media
from sandbox.core import beijing_time
from sandbox.store import Document

HALF_A_DAY = 12 * 3600
KINDS = {name: kind for kind, name in TYPES.items()}


class Videos:
    """Numbers are numbers or strings as in the document's examples."""

    def __init__(self, library: Library, media: Media, categories: Categories, callbacks: Callbacks) -> None:
        self._library = library
        self._media = media
        self._categories = categories
        self._callbacks = callbacks

    def get_status(self, call: Call) -> Document:
        """API-5."""
        status = self._library.status(self._library.own(call))
        return {"status": status, "info": STATUSES[status]}

    def get_info(self, call: Call) -> Document:
        """API-6."""
        video = self._library.own(call)
        copies = self._library.copies(video)
        return {
            **self._summary(video),
            "create_time": int(video["created"]),
            "total_transcode_size": self._library.stored(video) if copies else 0,
            "origin_definition": self._library.source(video).info if copies else "",
            "audit_status": self._library.audit(video),
            "file_md5": video["md5"],
            "transcode_info": [
                {"definition": copy.definition.info, "type": FORMATS[copy.kind], "size": video["size"]}
                for copy in copies
                if copy.kind != ENCRYPTED
            ],
            "category": self._categories.path_of(video),
        }

    def _summary(self, video: Document) -> Document:
        """What API-6, API-16 and API-31 have in common; the size is 0 until the video is transcoded."""
        ready = bool(self._library.copies(video))
        return {
            "video_id": video["video_id"],
            "name": video["name"],
            "status": self._library.status(video),
            "total_size": video["size"] if ready else 0,
            "preface_url": self._media.picture(video) if ready else "",
            "length": video["duration"] if ready else 0,
            "publish_status": video["publish_status"],
        }

    def get_image(self, call: Call) -> Document:
        """API-7."""
        video = self._library.own(call)
        pictures = self._media.pictures(video) if self._library.copies(video) else []
        width, height = _frame(video, 720)
        size = {"height": height, "width": width}
        return {"video_id": str(video["video_id"]), **size, "img_count": len(pictures), "imgs": pictures}

    def remove_definition(self, call: Call) -> Document:
        """API-8: a call that names mp4 comes when its definition has no other file any more; one without types takes
        all of them."""
        video = self._library.own(call)
        definitions = call.choices("definition", DEFINITIONS)
        named = call.text("type", "")
        kinds = call.choices("type", TYPES, ",".join(TYPES))
        left = [
            [code, kind, since] for code, kind, since in video["copies"] if code not in definitions or kind not in kinds
        ]
        if len(left) == len(video["copies"]):
            raise refuse(Code.NO_SUCH_FILE)
        if named and MP4 in kinds and any(code in definitions and kind != MP4 for code, kind, _ in video["copies"]):
            raise refuse(Code.MP4_IS_LAST)
        self._library.update(video, copies=left)
        answer = {"video_id": str(video["video_id"]), "definition": call.text("definition")}
        return answer | ({"type": named} if named else {})

    def delete_origin(self, call: Call) -> None:
        """API-9: all of them or, when one is unknown, none."""
        for video in [self._library.own(call, video_id) for video_id in call.ids("video_ids")]:
            self._library.update(video, origin_deleted=True)

    def update(self, call: Call) -> Document:
        """API-10."""
        video = self._library.own(call)
        if name := call.text("name", ""):
            self._library.update(video, name=name)
        return {"video_id": video["video_id"]}

    def delete(self, call: Call) -> Document:
        """API-11."""
        video = self._library.own(call)
        self._library.delete(video)
        return {"video_id": video["video_id"]}

    def list_category(self, call: Call) -> Document:
        """API-16: with the videos of every category below."""
        ids = self._categories.family(call)
        page, size = call.page(20, 100)
        videos = [video for video in reversed(self._library.of(call.partner_id)) if video["category_id"] in ids]
        entries = [
            {**self._summary(video), "create_time": int(video["created"]), **self._categories.levels_of(video)}
            for video in videos[(page - 1) * size : page * size]
        ]
        return {"total": str(len(videos)), "page": str(page), "page_size": str(size), "list": entries}

    def list_all(self, call: Call) -> Document:
        """API-31: newest first. ``create_time`` selects what was added at or after it (the document does not say)."""
        page, size = call.page(20, 1000)
        since = call.moment("create_time").timestamp() if call.text("create_time", "") else 0
        videos = [video for video in reversed(self._library.of(call.partner_id)) if int(video["created"]) >= since]
        entries = [self._entry(video) for video in videos[(page - 1) * size : page * size]]
        return {"total": len(videos), "page": page, "page_size": size, "list": entries}

    def _entry(self, video: Document) -> Document:
        entry = {**self._summary(video), "create_time": beijing_time(video["created"])}
        return entry | ({"category": self._categories.levels_of(video)} if video["category_id"] else {})

    def get_url(self, call: Call) -> Document:
        """API-23."""
        video = self._library.own(call)
        kind = KINDS[call.choice("format", KINDS, "mp4")]
        seconds = call.number("expires_in", HALF_A_DAY, least=1, most=10**9)
        if hindrance := self._media.hindrance(video):
            raise refuse(hindrance)
        copies = [copy for copy in self._library.copies(video) if copy.kind == kind]
        if not copies:
            raise refuse(Code.NO_SUCH_FILE)
        return {"video_id": str(video["video_id"]), "play_info": self._play_info(video, copies, seconds)}

    def _play_info(self, video: Document, copies: list[Copy], seconds: int) -> Document:
        if video["audio"]:
            return {"audio": {"size": video["size"], "url": self._media.address(video, copies[0], seconds)}}
        return {copy.definition.play: self._play_entry(video, copy, seconds) for copy in copies}

    def _play_entry(self, video: Document, copy: Copy, seconds: int) -> Document:
        width, height = _frame(video, copy.definition.height)
        return {
            "duration": video["duration"],
            "height": height,
            "width": width,
            "size": video["size"],
            "url": self._media.address(video, copy, seconds),
        }

    def set_publish_status(self, call: Call) -> Document:
        """API-26."""
        video = self._library.own(call)
        status = int(call.choice("status", ("1", "2")))
        self._library.update(video, publish_status=status)
        return {"status": status}

    def transcode_again(self, call: Call) -> Document:
        """API-40: what is done or failed is transcoded once more, from its source."""
        video = self._library.own(call)
        definitions = call.choices("definition", DEFINITIONS)
        formats = call.choices("format", FORMATS, ",".join(FORMATS))
        if self._library.status(video) not in {DONE, FAILED, TRANSCODE_TIMEOUT}:
            raise refuse(Code.NOT_TRANSCODED)
        if video["origin_deleted"]:
            raise refuse(Code.NO_ORIGIN)
        self._callbacks.expect(self._library.transcode(video, definitions, formats))
        return {"video_id": str(video["video_id"]), "definition": call.text("definition")}


def _frame(video: Document, height: int) -> tuple[int, int]:
    """Width and height of a picture not higher than ``height``; 16:9 when the source states no size."""
    source_width, source_height = video["frame"] if all(video["frame"]) else (1280, 720)
    height = min(height, source_height)
    return round(source_width * height / source_height / 2) * 2, height
