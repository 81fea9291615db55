"""Addresses of iQiyi's pictures, pages and films, and what they show."""

from sandbox.core import World
from sandbox.hls import PLAYLIST, Film, film_of, piece_response, whole
from sandbox.iqiyi.library import Library, State
from sandbox.media import media_type, player_page, thumbnail
from sandbox.messages import FOR_ANY_PAGE, Request, Response, file_response, text_response
from sandbox.seals import Seal
from sandbox.store import Document

# Section 6, note 2.
PLAY_SECONDS = 15 * 60
MP4 = ("1", "2")
M3U8 = ("1", "2", "96")
PIECES = "m4s"

NOTES = {
    State.UPLOADING: "视频上传中",
    State.WAITING: "视频上传中",
    State.PUBLISHING: "视频发布中",
    State.PUBLISHED: "视频处理完成",
    State.REJECTED: "视频审核失败",
    State.FAILED: "视频发布失败",
    State.CANCELLED: "用户取消上传",
    State.DELETED: "视频不存在",
}


class Media:
    """Every definition is the uploaded file itself: nothing is transcoded here, but everything plays."""

    def __init__(self, world: World, library: Library) -> None:
        self._world = world
        self._library = library
        self._seal = Seal(world.store, "iqiyi-media")

    def picture(self, video: Document) -> str:
        return f"{self._world.url}/iqiyi-media/thumb/{video['file_id']}.svg"

    def page(self, video: Document) -> str:
        return f"{self._world.url}/iqiyi-media/common/qplay.html?cnid={video['category'] or '0'}&vid={video['file_id']}"

    def share_player(self, video: Document) -> str:
        """Flash is gone from browsers: the address keeps its documented name and shows the page player."""
        return f"{self._world.url}/iqiyi-media/dispatcher/shareplayer.swf?vid={video['file_id']}"

    def addresses(self, video: Document, m3u8: tuple[str, ...] = M3U8) -> dict[str, dict[str, str]]:
        """Play addresses by container and definition, good for 15 minutes."""
        return {
            "mp4": {definition: self._address(video, definition, "mp4") for definition in MP4},
            "m3u8": {definition: self._address(video, definition, "m3u8") for definition in m3u8},
        }

    def _address(self, video: Document, definition: str, container: str) -> str:
        expires = int(self._world.clock.now()) + PLAY_SECONDS
        mark = self._seal.mark(video["file_id"], definition, container, expires)
        path = f"{video['file_id']}/{definition}.{container}"
        return f"{self._world.url}/iqiyi-media/videos/{path}?v={expires}&key={mark}"

    def show_picture(self, request: Request) -> Response:
        video = self._library.get(request.captured["file_id"])
        return thumbnail(video["title"]) if video else text_response("not found", 404)

    def show_page(self, request: Request) -> Response:
        """The player page; opening it counts as one play."""
        video = self._library.get(request.query.get("vid", ""))
        if video is None:
            return text_response("not found", 404)
        state, source = self._library.state(video), None
        if state == State.PUBLISHED:
            source = self._address(video, "1", "mp4")
            self.count_plays(str(video["file_id"]), 1)
        return player_page(video["title"], source, self.picture(video), NOTES[state])

    def count_plays(self, file_id: str, plays: int) -> None:
        """Raises LookupError when there is no such file."""
        self._library.change(file_id, lambda video: video.update(plays=video["plays"] + plays))

    def play(self, request: Request) -> Response:
        """The film, for m3u8 a playlist of its pieces, or one of these."""
        found = request.captured
        definition, container = found["definition"], found["container"]
        expires, mark = request.query.get("v", ""), request.query.get("key", "")
        if not self._seal.fits(mark, found["file_id"], definition, container, expires):
            return text_response("forbidden", 403)
        if int(expires) <= self._world.clock.now():
            return text_response("the address has expired", 403)
        video = self._library.get(found["file_id"])
        if video is None or self._library.state(video) != State.PUBLISHED:
            return text_response("not found", 404)
        path = self._library.path(video)
        film = film_of(path) if container in ("m3u8", PIECES) else None
        if container == "m3u8":
            return self._playlist(video, definition, film)
        if film is not None:
            return piece_response(film, definition.rpartition("_")[2])
        return file_response(request, path, media_type(f"x.{video['file_type']}"), FOR_ANY_PAGE)

    def _playlist(self, video: Document, definition: str, film: Film | None) -> Response:
        """The pieces of the film; one that cannot be cut is a single piece as it is."""
        if film is not None:
            text = film.playlist(lambda name: self._address(video, f"{definition}_{name}", PIECES))
        else:
            text = whole(self._address(video, definition, "mp4"), video["duration"])
        return text_response(text, content_type=PLAYLIST, headers=FOR_ANY_PAGE)
