"""HTTP requests and responses as the simulated platforms see them: raw headers, streamed bodies."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

BLOCK = 1024 * 1024
FORM_LIMIT = 4 * 1024 * 1024
#: Films and playlists are read by scripts of whatever page plays them (CORS).
FOR_ANY_PAGE = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Content-Length, Content-Range"}


class ClientGone(ConnectionError):
    """The client closed the connection before the body was complete."""


class BadRequest(Exception):
    """The request cannot be read as HTTP says it must be; the server answers 400 and closes."""


class Body(Protocol):
    """Bytes that are read once and never past their end."""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes (all that are left when negative), ``b""`` at the end.

        Raises ClientGone when the client stopped in the middle.
        """


class RawBody(Body, Protocol):
    """A request's bytes as they come in."""

    @property
    def count(self) -> int:
        """Bytes that were read so far."""


class LengthBody:
    """A body of a known Content-Length."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source = source
        self._length = self.left = length

    @property
    def count(self) -> int:
        return self._length - self.left

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        if not wanted:
            return b""
        data = self._source.read(wanted)
        if not data:
            raise ClientGone("the connection ended inside the body")
        self.left -= len(data)
        return data


class ChunkedBody:
    """A body in chunked transfer encoding (RFC 9112, section 7.1)."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = 0
        self._ended = False
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        pieces: list[bytes] = []
        while not self._ended and size != 0:
            if not self._left and not self._next_chunk():
                break
            data = self._source.read(self._left if size < 0 else min(size, self._left))
            if not data:
                raise ClientGone("the connection ended inside a chunk")
            self._left -= len(data)
            self.count += len(data)
            size = size if size < 0 else size - len(data)
            pieces.append(data)
            if not self._left:
                self._line()
        return b"".join(pieces)

    def _next_chunk(self) -> bool:
        line = self._line().split(b";")[0].strip()
        try:
            self._left = int(line, 16)
        except ValueError as error:
            raise BadRequest("a chunk size is not a hexadecimal number") from error
        if not self._left:
            while self._line().strip():
                pass
            self._ended = True
        return not self._ended

    def _line(self) -> bytes:
        line = self._source.readline(65537)
        if not line.endswith(b"\n"):
            raise ClientGone("the connection ended between chunks")
        return line


@dataclass(frozen=True)
class FormFile:
    """The head of one file field of a multipart form."""

    field: str
    filename: str
    content_type: str


class Request:
    """One request. ``path`` is decoded; ``query`` and forms keep the last value of a repeated name.

    ``damaged``: a fault changes the file's bytes on their way, and whoever receives them keeps none.
    """

    def __init__(self, method: str, target: str, headers: Message, body: RawBody) -> None:
        parts = urlsplit(target)
        self.method = method
        self.target = target
        self.raw_path = parts.path
        self.path = unquote(parts.path)
        self.raw_query = parts.query
        self.query: dict[str, str] = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = headers
        self.body: Body = body
        self.damaged = False
        self._raw = body
        self._reader: _FormReader | None = None
        #: What the route's ``{name}`` placeholders matched.
        self.captured: dict[str, str] = {}
        self._form: dict[str, str] | None = None

    def header(self, name: str, default: str = "") -> str:
        """One header as it was sent, whatever its case; underscores are kept."""
        return str(self.headers.get(name, default))

    @property
    def received(self) -> int:
        """Bytes that came so far: of the file in a form that is being read, otherwise of the whole body."""
        return self._reader.count if self._reader else self._raw.count

    def damage(self) -> None:
        """Change a byte of the file that this request brings."""
        self.damaged = True
        self.body = _DamagedBody(self.body) if self.content_type != "multipart/form-data" else self.body

    @property
    def content_type(self) -> str:
        return self.header("Content-Type").split(";")[0].strip().lower()

    def form(self) -> dict[str, str]:
        """The fields of a form body (URL-encoded or multipart, files left out); other bodies give none."""
        if self._form is None:
            if self.content_type == "multipart/form-data":
                self.read_multipart(lambda _: None)
            elif self.content_type == "application/x-www-form-urlencoded":
                text = self.read_small().decode("utf-8", "replace")
                self._form = dict(parse_qsl(text, keep_blank_values=True))
        return self._form or {}

    @property
    def values(self) -> dict[str, str]:
        """Query and form parameters together; the form wins."""
        return {**self.query, **self.form()}

    @property
    def parsed_values(self) -> dict[str, str]:
        """``values`` without touching a body that nobody has read yet: what the request log records."""
        return {**self.query, **(self._form or {})}

    def json(self) -> Any:
        """The body as JSON. Raises BadRequest when it is not."""
        try:
            return json.loads(self.read_small())
        except ValueError as error:
            raise BadRequest("the body is not JSON") from error

    def read_small(self, limit: int = FORM_LIMIT) -> bytes:
        """The whole body, for forms and documents. Raises BadRequest over ``limit`` bytes."""
        data = b""
        while piece := self.body.read(limit + 1 - len(data)):
            data += piece
            if len(data) > limit:
                raise BadRequest("the body is too large")
        return data

    def read_multipart(self, open_file: Callable[[FormFile], BinaryIO | None]) -> dict[str, str]:
        """Stream a multipart form: files go where ``open_file`` says (None: dropped), fields are returned.

        Every opened file is closed. Raises BadRequest when the body is not a complete multipart form.
        """
        _, options = parse_options_header(self.header("Content-Type"))
        fields: dict[str, str] = {}
        self._form = fields
        try:
            with PushMultipartParser(options.get("boundary", "")) as parser:
                reader = self._reader = _FormReader(fields, open_file, damaged=self.damaged)
                try:
                    for event in parser.parse_blocking(self.body.read, BLOCK):
                        reader.take(event)
                finally:
                    reader.close()
        except MultipartError as error:
            raise BadRequest(f"the body is not a multipart form: {error}") from error
        return fields

    def drain(self) -> None:
        """Read and forget the rest of the body, so that the next request starts at its own first byte."""
        if self.content_type == "multipart/form-data" and not self._raw.count:
            with suppress(BadRequest):
                self.read_multipart(lambda _: None)
        while self.body.read(BLOCK):
            pass


class _DamagedBody:
    """A body whose first byte is another."""

    def __init__(self, body: Body) -> None:
        self._body, self._sound = body, False

    def read(self, size: int = -1) -> bytes:
        data = self._body.read(size)
        if data and not self._sound:
            data, self._sound = _changed(data), True
        return data


def _changed(data: bytes | bytearray) -> bytes:
    return bytes([data[0] ^ 0xFF]) + data[1:]


class _FormReader:
    """Puts the events of the multipart parser where they belong. ``count``: bytes of files so far."""

    def __init__(
        self, fields: dict[str, str], open_file: Callable[[FormFile], BinaryIO | None], *, damaged: bool
    ) -> None:
        self.count = 0
        self._damaged = damaged
        self._fields = fields
        self._open_file = open_file
        self._name = ""
        self._text: bytearray | None = None
        self._in_file = False
        self._file: BinaryIO | None = None

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._start(event)
        elif event is None:
            if self._text is not None:
                self._fields[self._name] = self._text.decode("utf-8", "replace")
            self.close()
        elif self._in_file:
            if self._file is not None:
                self._file.write(_changed(event) if self._damaged and not self.count else event)
            self.count += len(event)
        elif self._text is not None:
            if len(self._text) + len(event) > FORM_LIMIT:
                raise BadRequest("a form field is too large")
            self._text += event

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._text = None

    def _start(self, segment: MultipartSegment) -> None:
        self._name = segment.name or ""
        if segment.filename is None and segment.content_type in (None, "text/plain"):
            self._text, self._in_file = bytearray(), False
        else:
            self._in_file = True
            head = FormFile(self._name, segment.filename or "", segment.content_type or "")
            self._file = self._open_file(head)


@dataclass(frozen=True)
class FilePart:
    """``length`` bytes of a file from ``start``: a response body that is never in memory."""

    path: Path
    start: int
    length: int


@dataclass(frozen=True)
class Response:
    """An answer. ``close``: the connection ends after it."""

    status: int = 200
    body: bytes | FilePart = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False

    @property
    def length(self) -> int:
        return len(self.body) if isinstance(self.body, bytes) else self.body.length


def json_response(data: Any, status: int = 200) -> Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(status, body, "application/json; charset=utf-8")


def text_response(
    text: str,
    status: int = 200,
    content_type: str = "text/plain; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(status, text.encode(), content_type, headers or {})


def html_response(text: str, status: int = 200) -> Response:
    return text_response(text, status, "text/html; charset=utf-8")


def file_response(
    request: Request, path: Path, content_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A file, or the one range of it that the request asks for (RFC 9110, section 14)."""
    size = path.stat().st_size
    common = {"Accept-Ranges": "bytes", **(headers or {})}
    wanted = request.header("Range")
    if not wanted.startswith("bytes=") or "," in wanted:
        return Response(200, FilePart(path, 0, size), content_type, common)
    span = _span(wanted.removeprefix("bytes="), size)
    if span is None:
        return Response(416, b"", content_type, {**common, "Content-Range": f"bytes */{size}"})
    first, last = span
    common["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(206, FilePart(path, first, last - first + 1), content_type, common)


def _span(text: str, size: int) -> tuple[int, int] | None:
    first, dash, last = text.strip().partition("-")
    if not dash or not (first or last) or not all(end.isascii() and end.isdigit() for end in (first, last) if end):
        return None
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end else None
