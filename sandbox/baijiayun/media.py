"""Addresses of Baijiayun's pictures and films, and what they deliver."""

from sandbox.baijiayun.definitions import DONE, PUBLISHED, REFUSED, TYPES
from sandbox.baijiayun.errors import Code
from sandbox.baijiayun.library import Copy, Library
from sandbox.baijiayun.traffic import Traffic
from sandbox.core import World
from sandbox.media import media_type, thumbnail
from sandbox.messages import Request, Response, file_response, text_response
from sandbox.seals import Seal
from sandbox.store import Document

PICTURES = 5
SEGMENT_SECONDS = 12 * 3600
PLAYLIST = "application/vnd.apple.mpegurl"


class Media:
    """Every copy is the uploaded file itself: nothing is transcoded here, but everything plays."""

    def __init__(self, world: World, library: Library, traffic: Traffic) -> None:
        self._world = world
        self._library = library
        self._traffic = traffic
        self._seal = Seal(world.store, "baijiayun-media")

    def picture(self, video: Document, number: int = 0) -> str:
        return f"{self._world.url}/baijiayun-img/image/{video['video_id']}_{number}.svg"

    def pictures(self, video: Document) -> list[str]:
        return [self.picture(video, number) for number in range(PICTURES)]

    def address(self, video: Document, copy: Copy, seconds: int) -> str:
        """Where a copy plays for so long."""
        return self._address(video, copy, self._extension(video, copy), seconds)

    def _address(self, video: Document, copy: Copy, extension: str, seconds: int) -> str:
        expires = int(self._world.clock.now()) + seconds
        file = f"{video['video_id']}_{copy.definition.code}_{copy.kind}.{extension}"
        mark = self._seal.mark(file, expires)
        return f"{self._world.url}/baijiayun-video/{mark}/{expires}/{file}?fid={video['video_id']}"

    def _extension(self, video: Document, copy: Copy) -> str:
        return "mp3" if video["audio"] else TYPES[copy.kind].replace("encrypt", "ev1")

    def hindrance(self, video: Document) -> Code | None:
        """Why a video does not play: NOT_TRANSCODED, REJECTED, BLOCKED or nothing."""
        if not self._library.copies(video):
            return Code.NOT_TRANSCODED
        if self._library.status(video) == DONE and self._library.audit(video) == REFUSED:
            return Code.REJECTED
        return None if video["publish_status"] == PUBLISHED else Code.BLOCKED

    def show_picture(self, request: Request) -> Response:
        video = self._library.find(request.captured["video_id"])
        return thumbnail(video["name"]) if video else text_response("not found", 404)

    def play(self, request: Request) -> Response:
        """The film; every byte delivered is traffic of its account."""
        found = request.captured
        file = f"{found['video_id']}_{found['definition']}_{found['kind']}.{found['extension']}"
        if not self._seal.fits(found["mark"], file, found["expires"]):
            return text_response("forbidden", 403)
        if int(found["expires"]) <= self._world.clock.now():
            return text_response("the address has expired", 403)
        video = self._library.find(found["video_id"])
        if video is None or self.hindrance(video):
            return text_response("not found", 404)
        for copy in self._library.copies(video):
            if (copy.definition.code, copy.kind) == (found["definition"], found["kind"]):
                playlist = found["extension"] == "m3u8"
                return self._playlist(video, copy) if playlist else self._deliver(request, video)
        return text_response("not found", 404)

    def _playlist(self, video: Document, copy: Copy) -> Response:
        """One segment: the film."""
        segment = self._address(video, copy, video["extension"], SEGMENT_SECONDS)
        length = video["duration"]
        head = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{length}", f"#EXTINF:{length},"]
        return text_response("\n".join([*head, segment, "#EXT-X-ENDLIST", ""]), content_type=PLAYLIST)

    def _deliver(self, request: Request, video: Document) -> Response:
        response = file_response(request, self._library.path(video), media_type(f"x.{video['extension']}"))
        if request.method == "GET":
            self._traffic.add_flow(video, response.length)
        return response
