"""The HTTP server under all platforms."""

import http.client
import socket
import threading
from urllib.parse import urlsplit

import requests

from sandbox.core import Route, Service
from sandbox.messages import FormFile, Request, Response, json_response
from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, code, some_bytes


def connection(box: Sandbox) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=60)


def test_headers_with_underscores_arrive(box: Sandbox):
    requests.get(f"{box.url}/youku/anything", headers={"access_token": "a", "file_id": "f", "range": "0-511"})

    headers = box.requests[-1].headers
    assert (headers["access_token"], headers["file_id"], headers["range"]) == ("a", "f", "0-511")


def test_a_connection_serves_many_requests(box: Sandbox):
    client = connection(box)
    client.connect()
    first = client.sock
    for _ in range(3):
        client.request("GET", "/sandbox/videos.json")
        assert client.getresponse().read() == b"[]"
        assert client.sock is first


def test_a_refused_body_is_drained_so_that_the_connection_lives_on(box: Sandbox):
    client = connection(box)
    client.request("PUT", "/some-bucket/some-object", body=some_bytes(3_000_000))
    refused = client.getresponse()
    refused.read()
    kept = client.sock
    client.request("GET", "/sandbox/videos.json")

    assert refused.status == 403
    assert client.getresponse().read() == b"[]"
    assert kept is not None
    assert client.sock is kept


def test_a_chunked_form_is_read(box: Sandbox, youku: YoukuClient):
    pieces = iter([b"client_id=", youku.credentials["client_id"].encode(), b"&access_token=wrong"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = requests.post(f"{youku.base}/uploads/commit.json", data=pieces, headers=headers)

    assert code(answer) == 1008


def test_a_multipart_form_is_read(youku: YoukuClient):
    fields = {name: (None, value) for name, value in youku.login.items()}

    answer = requests.post(f"{youku.base}/uploads/commit.json", files=fields)

    assert code(answer) == 1012


def test_a_broken_multipart_form_is_a_bad_request(youku: YoukuClient):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    answer = requests.post(f"{youku.base}/uploads/commit.json", data=b"--x\r\nnonsense", headers=headers)

    assert answer.status_code == 400


class Receiver(Service):
    name, prefixes = "receiver", ("receive",)
    fields: dict[str, str]

    def routes(self) -> list[Route]:
        return [Route("POST", "/receive/{name}", self.receive)]

    def receive(self, request: Request) -> Response:
        self.head: FormFile | None = None
        self.fields = request.read_multipart(lambda head: self.open(request.captured["name"], head))
        return json_response({})

    def open(self, name: str, head: FormFile):
        self.head = head
        return (self.world.folder("received") / name).open("wb")

    def no_such_path(self, request: Request) -> Response:
        return Response(404)

    def wrong_method(self, request: Request, allowed: object) -> Response:
        return Response(405)


def test_a_multipart_file_is_streamed_into_a_file(box: Sandbox):
    receiver, data = Receiver(box.world), some_bytes(2_500_000)
    box._services = (receiver, *box._services)

    requests.post(f"{box.url}/receive/clip", data={"title": "标题"}, files={"file": ("片.mp4", data, "video/mp4")})

    assert (box.world.folder("received") / "clip").read_bytes() == data
    assert receiver.fields == {"title": "标题"}
    assert receiver.head == FormFile("file", "片.mp4", "video/mp4")


def test_a_client_that_vanishes_in_mid_body_is_logged_without_a_status(box: Sandbox):
    done = threading.Event()
    log = box.requests.add
    box.requests.add = lambda call: (log(call), done.set())  # type: ignore[method-assign, assignment, func-returns-value]
    with socket.create_connection((urlsplit(box.url).hostname, urlsplit(box.url).port or 0)) as client:
        head = b"POST /youku/uploads/create.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        client.sendall(head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nclient_id=1")
    assert done.wait(60)

    assert (box.requests[-1].path, box.requests[-1].status) == ("/youku/uploads/create.json", 0)


def test_the_log_knows_what_was_called(box: Sandbox, youku: YoukuClient):
    youku.show("XNDY5Njc0MTA4")

    call = box.requests.to("/youku/videos/show.json")[0]
    assert (call.platform, call.method, call.status) == ("youku", "GET", 400)
    assert call.values == {"client_id": youku.credentials["client_id"], "video_id": "XNDY5Njc0MTA4"}
    box.requests.clear()
    assert len(box.requests) == 0
