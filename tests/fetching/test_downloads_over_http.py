"""One download after another from a real server: ranges, validators, redirects, limits and every kind of break."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from platforms.services.fetching import download as downloads
from platforms.services.fetching import wire as wires
from platforms.services.fetching.download import Download, Known, download
from platforms.services.fetching.reach import Net, parse
from platforms.services.fetching.troubles import Passing, Refused, StartAgain, Stopped
from platforms.services.fetching.wire import Wire
from tests.fetching import web
from tests.fetching.web import KIB, Server, Site

HOUSE = (ipaddress.ip_network("127.0.0.1/32"),)
CONTENT = bytes(range(256)) * 4 * 1000
MOST = 1024**3


def house(host: str, port: int) -> Sequence[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


NET = Net(HOUSE, house)


def fetch(
    address: str, offset: int = 0, known: Known | None = None, *, net: Net = NET, most: int = MOST
) -> tuple[Download, bytes]:
    with Wire() as wire, download(net, parse(address), offset, known or Known(), wire, most) as answer:
        return answer, b"".join(answer.pieces())


def collect(address: str, wire: Wire, got: list[bytes]) -> None:
    with wire, download(NET, parse(address), 0, Known(), wire, MOST) as answer:
        for piece in answer.pieces():
            got.append(piece)


def test_a_whole_file_comes_with_what_is_known_of_it() -> None:
    with Server(Site(CONTENT)) as server:
        answer, body = fetch(server.address("/lesson.mp4?token=secret"))
    assert body == CONTENT
    assert answer.name == "lesson.mp4"
    assert answer.known == Known(len(CONTENT), '"one"', "Fri, 02 Jan 2026 03:04:05 GMT", True)
    assert (answer.offset, answer.length, answer.restarted) == (0, len(CONTENT), None)


def test_it_goes_on_where_it_stopped() -> None:
    with Server(Site(CONTENT)) as server:
        first, _body = fetch(server.address())
        rest, body = fetch(server.address(), 1000, first.known)
        assert server.site.ranges_asked == ["", "bytes=1000-"]
        assert server.site.seen[1][1]["If-Range"] == '"one"'
    assert body == CONTENT[1000:]
    assert (rest.offset, rest.restarted) == (1000, None)


def test_a_date_proves_the_file_where_there_is_no_strong_tag() -> None:
    for tag in ("", 'W/"weak"'):
        with Server(Site(CONTENT, etag=tag)) as server:
            first, _body = fetch(server.address())
            rest, body = fetch(server.address(), 1000, first.known)
            assert server.site.seen[1][1]["If-Range"] == "Fri, 02 Jan 2026 03:04:05 GMT"
        assert (rest.offset, body) == (1000, CONTENT[1000:])


@pytest.mark.parametrize("modified", [None, datetime.now(UTC).replace(year=2100)])
def test_without_proof_that_the_file_is_the_same_it_starts_again(modified: datetime | None) -> None:
    with Server(Site(CONTENT, etag="", modified=modified)) as server:
        first, _body = fetch(server.address())
        with pytest.raises(StartAgain, match="does not say whether"):
            fetch(server.address(), 1000, first.known)
        assert len(server.site.seen) == 1


def test_a_server_without_ranges_starts_again_and_says_so() -> None:
    with Server(Site(CONTENT, ranges=False)) as server:
        first, _body = fetch(server.address())
        again, body = fetch(server.address(), 1000, first.known)
    assert (again.offset, body) == (0, CONTENT)
    assert again.restarted is not None
    assert "cannot go on" in again.restarted.text


def test_a_changed_file_starts_again_and_says_so() -> None:
    with Server(Site(CONTENT)) as server:
        first, _body = fetch(server.address())
        server.site.content, server.site.etag = CONTENT[::-1], '"two"'
        again, body = fetch(server.address(), 1000, first.known)
    assert (again.offset, body) == (0, CONTENT[::-1])
    assert again.restarted is not None
    assert "has changed" in again.restarted.text
    assert again.known.etag == '"two"'


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Content-Range": "bytes 0-9/4000", "ETag": '"one"'}, "cannot go on"),
        ({"Content-Range": "nonsense", "ETag": '"one"'}, "cannot go on"),
        ({"ETag": '"one"'}, "cannot go on"),
        ({"Content-Range": "bytes 1000-1009/4000", "ETag": '"two"'}, "has changed"),
        ({"Content-Range": "bytes 1000-1009/5000", "ETag": '"one"'}, "has changed"),
    ],
)
def test_a_part_that_does_not_fit_is_not_taken(headers: dict[str, str], why: str) -> None:
    site = Site(answers={"/lesson.mp4": (206, headers, b"0123456789")})
    with Server(site) as server, pytest.raises(StartAgain, match=why):
        fetch(server.address(), 1000, Known(4000, '"one"'))


def test_a_range_that_the_server_does_not_have_starts_again() -> None:
    with (
        Server(Site(answers={"/lesson.mp4": (416, {}, b"")})) as server,
        pytest.raises(StartAgain, match="has changed"),
    ):
        fetch(server.address(), 1000, Known(4000, '"one"'))


def test_parts_that_the_server_makes_small_are_taken_one_by_one() -> None:
    with Server(Site(CONTENT, most_at_once=1000)) as server:
        first, _body = fetch(server.address())
        part, body = fetch(server.address(), 5000, first.known)
    assert (part.offset, part.length, body) == (5000, 1000, CONTENT[5000:6000])


@pytest.mark.parametrize("how", [{"tells_length": False}, {"chunked": True}])
def test_a_file_of_unknown_length_ends_where_it_ends(how: dict[str, Any]) -> None:
    with Server(Site(CONTENT, **how)) as server:
        answer, body = fetch(server.address())
    assert (answer.known.size, body) == (None, CONTENT)


@pytest.mark.parametrize("how", [{}, {"chunked": True}])
def test_a_cut_is_noticed_and_what_came_is_kept(how: dict[str, Any]) -> None:
    got: list[bytes] = []
    with Server(Site(CONTENT, cut_at=300 * KIB, cuts=1, **how)) as server, pytest.raises(Passing, match="broke off"):
        collect(server.address(), Wire(), got)
    assert b"".join(got) == CONTENT[: 300 * KIB]


def test_a_file_that_is_too_large_is_refused_before_it_comes() -> None:
    with Server(Site(CONTENT)) as server, pytest.raises(Refused, match="larger than 1000 bytes"):
        fetch(server.address(), most=1000)


@pytest.mark.parametrize("how", [{"tells_length": False, "endless": True}, {"chunked": True, "endless": True}])
def test_a_file_that_never_ends_is_refused_when_it_becomes_too_large(how: dict[str, Any]) -> None:
    with Server(Site(CONTENT, **how)) as server, pytest.raises(Refused, match="larger than 2000000 bytes"):
        fetch(server.address(), most=2_000_000)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        (404, {}, Refused, "no such file"), (410, {}, Refused, "no such file"),
        (403, {}, Refused, "may have expired"), (401, {}, Refused, "does not give the file"),
        (418, {}, Refused, "HTTP 418"), (204, {}, Refused, "HTTP 204"), (206, {}, Refused, "HTTP 206"),
        (500, {}, Passing, "fault of its own"), (503, {}, Passing, "fault of its own"),
        (200, {"Content-Type": "text/html; charset=gbk"}, Refused, "web page"),
        (200, {"Content-Type": "application/x-mpegURL"}, Refused, "playlist"),
        (200, {"Content-Encoding": "gzip"}, Refused, "coding"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_file_says_what_it_is(status, headers, kind, words) -> None:
    with Server(Site(answers={"/lesson.mp4": (status, headers, b"x")})) as server, pytest.raises(kind, match=words):
        fetch(server.address())


@pytest.mark.parametrize("how", [{}, {"tells_length": False}])
def test_an_empty_file_is_refused(how: dict[str, Any]) -> None:
    with Server(Site(b"", **how)) as server, pytest.raises(Refused, match="empty"):
        fetch(server.address())


@pytest.mark.parametrize(("text", "seconds"), [("120", 120), ("nonsense", 0), ("99999999", 7200), ("", 0)])
def test_a_server_may_say_when_to_come_again(text: str, seconds: float) -> None:
    site = Site(answers={"/lesson.mp4": (503, {"Retry-After": text}, b"")})
    with Server(site) as server, pytest.raises(Passing) as caught:
        fetch(server.address())
    assert caught.value.retry_after == seconds


# Redirects ------------------------------------------------------------------------------------------------------------


def test_redirects_are_followed_without_cookies_or_log_ins() -> None:
    with Server(Site(CONTENT, redirects={"/a?key=1": "b", "/b": "/film%20one.mp4?signature=2"})) as server:
        answer, body = fetch(server.address("/a?key=1"))
        seen = server.site.seen
    assert (answer.name, body) == ("film one.mp4", CONTENT)
    assert [path for path, _headers in seen] == ["/a?key=1", "/b", "/film%20one.mp4?signature=2"]
    for _path, headers in seen:
        assert not {"Cookie", "Authorization", "Referer", "Proxy-Authorization"} & set(headers)


def test_a_file_behind_a_redirect_goes_on_where_it_stopped() -> None:
    with Server(Site(CONTENT, redirects={"/a": "/lesson.mp4"})) as server:
        first, _body = fetch(server.address("/a"))
        rest, body = fetch(server.address("/a"), 1000, first.known)
    assert (rest.offset, body) == (1000, CONTENT[1000:])


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://10.0.0.1/film.mp4", "private network"), ("http://169.254.169.254/latest/meta-data", "private network"),
        ("http://[::1]/film.mp4", "private network"), ("http://user:secret@media/x.mp4", "user name or password"),
        ("http://media:22/film.mp4", "Port 22"), ("file:///etc/passwd", "not an http or https"),
        ("ftp://media/film.mp4", "not an http or https"), ("", "redirects to nowhere"),
    ],
)  # fmt: skip
def test_each_redirect_is_checked_like_the_first_address(to: str, why: str) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        return [host]

    with Server(Site(redirects={"/lesson.mp4": to})) as server, pytest.raises(Refused, match=why) as caught:
        fetch(server.address(), net=Net(HOUSE, resolve))
    assert "secret" not in str(caught.value)


def test_a_sixth_redirect_is_not_followed() -> None:
    ways = {f"/{number}": f"/{number + 1}" for number in range(10)}
    with Server(Site(CONTENT, redirects=ways)) as server:
        with pytest.raises(Refused, match="more than 5 times"):
            fetch(server.address("/0"))
        assert len(server.site.seen) == 6
        assert fetch(server.address("/5"))[1] == CONTENT


# Where it connects to -------------------------------------------------------------------------------------------------


def test_it_connects_to_the_address_that_was_checked_and_to_no_other() -> None:
    """A name that is public at the check and private afterwards gains nothing: it is resolved once."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    with Server(Site(CONTENT)) as server:
        net = Net(HOUSE, lambda host, port: answers.pop(0))
        assert fetch(server.address(host="media.example"), net=net)[1] == CONTENT
        assert server.site.seen[0][1]["Host"] == f"media.example:{server.port}"
        assert len(answers) == 1
        with pytest.raises(Refused, match="private network"):
            fetch(server.address(host="media.example"), net=net)
        assert len(server.site.seen) == 1


def test_a_private_server_is_not_asked_at_all() -> None:
    with Server(Site(CONTENT)) as server:
        with pytest.raises(Refused, match=r"“127\.0\.0\.1” lies in a private network"):
            fetch(server.address(), net=Net())
        assert server.site.seen == []


def test_the_next_address_of_a_name_is_asked_when_the_first_does_not_answer() -> None:
    with Server(Site(CONTENT)) as server:
        net = Net((ipaddress.ip_network("127.0.0.0/8"),), lambda host, port: ["127.0.0.9", "127.0.0.1"])
        assert fetch(server.address(host="media.example"), net=net)[1] == CONTENT


def test_nobody_there_is_told_and_tried_again_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Passing, match=r"“media\.example” cannot be reached: Connection refused"):
            fetch(f"http://media.example:{port}/x.mp4?token=secret")


def test_proxies_of_the_environment_are_not_used(monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Server(Site(CONTENT)) as server:
        assert fetch(server.address())[1] == CONTENT


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that is media.example, and a client that trusts it."""
    certificate, key = web.certificate(tmp_path, "media.example")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=certificate)


def test_https_proves_the_name_and_not_the_address(tls) -> None:
    with Server(Site(CONTENT), tls[0]) as server:
        net = Net(HOUSE, house, lambda: tls[1])
        assert fetch(server.address(host="media.example"), net=net)[1] == CONTENT
        with pytest.raises(Refused, match="no certificate that is trusted"):
            fetch(server.address(host="other.example"), net=net)
        with pytest.raises(Refused, match="no certificate that is trusted"):
            fetch(server.address(host="media.example"))


def test_https_is_not_left_for_http(tls) -> None:
    with Server(Site(CONTENT)) as plain, Server(Site(redirects={"/lesson.mp4": plain.address()}), tls[0]) as server:
        with pytest.raises(Refused, match="from https to http"):
            fetch(server.address(host="media.example"), net=Net(HOUSE, house, lambda: tls[1]))
        assert plain.site.seen == []


# Servers that hold it up ----------------------------------------------------------------------------------------------


def test_headers_that_drip_end_with_the_answers_time(monkeypatch) -> None:
    monkeypatch.setattr(wires, "ANSWER_SECONDS", 0.3)
    with Server(Site(drip=True)) as server, pytest.raises(Passing, match="does not answer in time"):
        fetch(server.address())


def test_a_server_that_says_nothing_ends_with_the_answers_time(monkeypatch) -> None:
    monkeypatch.setattr(wires, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Passing, match="does not answer in time"):
        fetch(f"http://media.example:{silent.getsockname()[1]}/x.mp4")


def test_a_body_that_stops_coming_ends_with_the_reading_time(monkeypatch) -> None:
    monkeypatch.setattr(wires, "READ_SECONDS", 0.3)
    with Server(Site(CONTENT, hold=True)) as server, pytest.raises(Passing, match="does not answer in time"):
        fetch(server.address())


def test_a_body_that_crawls_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(downloads, "WINDOW_SECONDS", 0.2)
    monkeypatch.setattr(downloads, "SLOWEST_BYTES_A_SECOND", 10_000_000)
    with Server(Site(CONTENT, pause=0.05)) as server, pytest.raises(Passing, match="sends too slowly"):
        fetch(server.address())


def test_what_is_no_web_server_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            connection, _peer = other.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(1000)

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(Passing, match="does not answer as a web server does"):
            fetch(f"http://media.example:{other.getsockname()[1]}/x.mp4")


@pytest.mark.usefixtures("endless_patience")
@pytest.mark.parametrize("how", [{"hold": True}, {"hold": True, "tells_length": False}, {"drip": True}])
def test_another_thread_can_stop_it_at_any_time(how: dict[str, Any]) -> None:
    """Also where the end of the connection would else be the end of the file."""
    with Server(Site(CONTENT, **how)) as server, Wire() as wire:
        threading.Timer(0.3, wire.cut).start()
        with pytest.raises(Stopped), download(NET, parse(server.address()), 0, Known(), wire, MOST) as answer:
            for _piece in answer.pieces():
                pass


@pytest.mark.usefixtures("endless_patience")
def test_it_can_be_stopped_while_it_connects() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _number in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        address = parse(f"http://media.example:{full.getsockname()[1]}/x.mp4")
        with Wire() as wire:
            threading.Timer(0.3, wire.cut).start()
            with pytest.raises(Stopped), download(NET, address, 0, Known(), wire, MOST):
                pass
        for filler in fillers:
            filler.close()
