"""The simulator's own pages: what was uploaded where, for people and for scripts."""

from collections.abc import Callable, Sequence
from html import escape

from sandbox.core import Route, Service, VideoRow, World, beijing_time
from sandbox.messages import Request, Response, html_response, json_response, text_response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sandbox</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #8884; }}
code {{ font-size: .85em; }}
</style></head><body><h1>Sandbox</h1><p>{count} videos · <a href="/sandbox/videos.json">videos.json</a></p>
<table><thead><tr><th>Platform</th><th>Account</th><th>Title</th><th>State</th><th>Bytes</th><th>md5</th><th>Created</th>
</tr></thead><tbody>{rows}</tbody></table></body></html>"""

ROW = """<tr><td>{platform}</td><td>{account}</td><td><a href="{page}">{title}</a></td><td>{state}</td>
<td>{size}</td><td><code>{md5}</code></td><td>{created}</td></tr>"""


class Pages(Service):
    """``/sandbox/`` and ``/sandbox/videos.json``."""

    name = "sandbox"
    prefixes = ("sandbox", "")

    def __init__(self, world: World, videos: Callable[[], list[VideoRow]]) -> None:
        super().__init__(world)
        self._videos = videos

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", "/sandbox/", self._page),
            Route("GET", "/sandbox", self._page),
            Route("GET", "/", self._page),
            Route("GET", "/sandbox/videos.json", self._list),
        )

    def no_such_path(self, request: Request) -> Response:
        return text_response("no such page", 404)

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        return text_response("these pages are only read", 405)

    def _list(self, _: Request) -> Response:
        return json_response(self._videos())

    def _page(self, _: Request) -> Response:
        videos = self._videos()
        return html_response(PAGE.format(count=len(videos), rows="".join(_row(video) for video in reversed(videos))))


def _row(video: VideoRow) -> str:
    texts = {name: escape(str(value)) for name, value in video.items()}
    return ROW.format(**texts | {"created": beijing_time(video["created"])})
