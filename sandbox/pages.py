"""The simulator's own pages: what was uploaded where, for people and for scripts; faults, for scripts."""

from collections.abc import Callable, Sequence
from html import escape

from sandbox.core import Route, Service, VideoRow, World, beijing_time
from sandbox.faults import Fault, FaultError, Faults
from sandbox.messages import Request, Response, html_response, json_response, text_response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sandbox</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #8884; }}
code {{ font-size: .85em; }}
</style></head><body><h1>Sandbox</h1><p>{count} videos · <a href="/sandbox/videos.json">videos.json</a></p>
<table><thead><tr><th>Platform</th><th>Account</th><th>Title</th><th>State</th><th>Bytes</th><th>Received</th><th>md5</th><th>Created</th>
</tr></thead><tbody>{rows}</tbody></table></body></html>"""

ROW = """<tr><td>{platform}</td><td>{account}</td><td><a href="{page}">{title}</a></td><td>{state}</td>
<td>{size}</td><td>{received}</td><td><code>{md5}</code></td><td>{created}</td></tr>"""


class Pages(Service):
    """``/sandbox/``, ``/sandbox/videos.json`` and ``/sandbox/faults``. No fault ever strikes them."""

    name = "sandbox"
    prefixes = ("sandbox", "")

    def __init__(self, world: World, videos: Callable[[], list[VideoRow]], faults: Faults) -> None:
        super().__init__(world)
        self._videos = videos
        self._faults = faults

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", "/sandbox/", self._page),
            Route("GET", "/sandbox", self._page),
            Route("GET", "/", self._page),
            Route("GET", "/sandbox/videos.json", self._list),
            Route("GET", "/sandbox/faults", self._show_faults),
            Route("POST", "/sandbox/faults", self._add_faults),
            Route("DELETE", "/sandbox/faults", self._remove_faults),
        )

    def no_such_path(self, request: Request) -> Response:
        return text_response("no such page", 404)

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        return text_response(f"only {' and '.join(sorted(allowed))} here", 405)

    def _show_faults(self, _: Request) -> Response:
        return json_response({"faults": self._faults.listed(), "counts": self._faults.counted()})

    def _add_faults(self, request: Request) -> Response:
        """One fault or a list of them, ``?seed=N`` before they begin: 201 with their ids; all or, on 400, none."""
        asked = request.json()
        ids: list[int] = []
        try:
            if seed := request.query.get("seed"):
                self._faults.seed(int(seed))
            for values in asked if isinstance(asked, list) else [asked]:
                ids.append(self._faults.add(_fault(values)))
        except ValueError as error:
            for number in ids:
                self._faults.remove(number)
            return text_response(str(error), 400)
        return json_response({"ids": ids}, 201)

    def _remove_faults(self, request: Request) -> Response:
        """``?id=N``, or all."""
        number = request.query.get("id")
        if number is None:
            self._faults.clear()
        elif not number.isdecimal() or not self._faults.remove(int(number)):
            return text_response(f"there is no fault {number}", 404)
        return Response(204)

    def _list(self, _: Request) -> Response:
        return json_response(self._videos())

    def _page(self, _: Request) -> Response:
        videos = self._videos()
        return html_response(PAGE.format(count=len(videos), rows="".join(_row(video) for video in reversed(videos))))


def _fault(values: object) -> Fault:
    if not isinstance(values, dict):
        raise FaultError('a fault is an object: {"kind": "http_503"}')
    return Fault.of(values)


def _row(video: VideoRow) -> str:
    texts = {name: escape(str(value)) for name, value in video.items()}
    return ROW.format(**texts | {"created": beijing_time(video["created"])})
