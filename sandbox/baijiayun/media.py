"""Addresses of Baijiayun's pictures and films, and what they deliver."""

from sandbox.baijiayun.definitions import DONE, PUBLISHED, REFUSED, TYPES
from sandbox.baijiayun.errors import Code
from sandbox.baijiayun.library import Copy, Library
from sandbox.baijiayun.traffic import Traffic
from sandbox.core import World
from sandbox.hls import PLAYLIST, film_of, piece_response, whole
from sandbox.media import media_type, thumbnail
from sandbox.messages import FOR_ANY_PAGE, Request, Response, file_response, text_response
from sandbox.seals import Seal
from sandbox.store import Document

PICTURES = 5
SEGMENT_SECONDS = 12 * 3600
PIECES = "m4s"


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
        return self._sealed(video, f"{copy.definition.code}_{copy.kind}.{extension}", seconds)

    def _sealed(self, video: Document, name: str, seconds: int) -> str:
        expires = int(self._world.clock.now()) + seconds
        file = f"{video['video_id']}_{name}"
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
        """The film, a playlist of its pieces, or one of these; every byte delivered is traffic of its account."""
        found = request.captured
        piece = found.get("piece", "")
        file = f"{found['video_id']}_{found['definition']}_{found['kind']}{piece and f'-{piece}'}.{found['extension']}"
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
                return self._playlist(video, copy) if playlist else self._deliver(request, video, piece)
        return text_response("not found", 404)

    def _playlist(self, video: Document, copy: Copy) -> Response:
        """The pieces of the film; one that cannot be cut is a single piece as it is."""
        film, name = film_of(self._library.path(video)), f"{copy.definition.code}_{copy.kind}"
        if film is not None:
            text = film.playlist(lambda piece: self._sealed(video, f"{name}-{piece}.{PIECES}", SEGMENT_SECONDS))
        else:
            text = whole(self._address(video, copy, video["extension"], SEGMENT_SECONDS), video["duration"])
        return text_response(text, content_type=PLAYLIST, headers=FOR_ANY_PAGE)

    def _deliver(self, request: Request, video: Document, piece: str) -> Response:
        path = self._library.path(video)
        film = film_of(path) if piece else None
        if film is not None:
            response = piece_response(film, piece)
        else:
            response = file_response(request, path, media_type(f"x.{video['extension']}"), FOR_ANY_PAGE)
        if request.method == "GET":
            self._traffic.add_flow(video, response.length)
        return response
