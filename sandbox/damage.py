"""What faults do to one request and its answer: bodies that break off or dawdle, answers that are cut or no answers."""

from collections.abc import Callable
from dataclasses import replace

from sandbox.faults import Fault, FaultKind
from sandbox.messages import BLOCK, Body, ClientGone, Request, Response, html_response, text_response

PROXY_PAGE = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center>nginx</body></html>"

TEXTS = {FaultKind.HTTP_500: ("Internal Server Error", 500), FaultKind.HTTP_503: ("Service Unavailable", 503)}


class _CutBody:
    """A body that breaks off after ``left`` bytes, at its end at the latest."""

    def __init__(self, body: Body, left: int) -> None:
        self._body, self._left = body, left

    def read(self, size: int = -1) -> bytes:
        data = self._body.read(self._left if size < 0 else min(size, self._left)) if self._left else b""
        self._left -= len(data)
        if not data and size != 0:
            raise ClientGone("a fault has cut the body")
        return data


class _SlowBody:
    """A body that pauses before every ``step`` bytes; 0: once, before the first."""

    def __init__(self, body: Body, step: int, pause: Callable[[], object]) -> None:
        self._body, self._step, self._pause = body, step, pause
        self._ready = 0

    def read(self, size: int = -1) -> bytes:
        if not self._ready:
            self._pause()
            self._ready = self._step or 1 << 62
        data = self._body.read(self._ready if size < 0 else min(size, self._ready))
        self._ready -= len(data)
        return data


def answer_under(
    fault: Fault, request: Request, work: Callable[[], Response], pause: Callable[[float], object], *, partial: bool
) -> Response | None:
    """What a request is answered that one of the kinds common to all platforms strikes; None: hang up.

    ``partial``: a body that breaks off leaves its beginning at the platform, as parts of files do.
    """
    match fault.kind:
        case FaultKind.RESET | FaultKind.CLOSE_AFTER:
            _break_off(request, work, fault.after_bytes, partial)
        case FaultKind.HANG:
            request.drain()
            pause(fault.seconds)
        case FaultKind.LOST_ANSWER:
            work()
        case FaultKind.SLOW:
            request.body = _SlowBody(request.body, fault.after_bytes, lambda: pause(fault.seconds))
            response = work()
            pause(fault.seconds)
            return response
        case FaultKind.CUT_JSON:
            return _half(work())
        case FaultKind.HTML:
            return html_response(PROXY_PAGE.format(status=fault.status), fault.status)
        case _:
            return text_response(*TEXTS[fault.kind])
    return None


def _break_off(request: Request, work: Callable[[], Response], after: int, partial: bool) -> None:
    request.body = _CutBody(request.body, after)
    if partial and after:
        work()
    else:
        try:
            while request.body.read(BLOCK):
                pass
        except ClientGone:
            return


def _half(response: Response) -> Response | None:
    """An answer without a body has nothing to be cut but itself."""
    if not isinstance(response.body, bytes) or not response.body:
        return None
    return replace(response, body=response.body[: len(response.body) // 2])
