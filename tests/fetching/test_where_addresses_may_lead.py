"""Which addresses are fetched: the public net's, and of the inside only what the house allows."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence

import pytest

from platforms.services.fetching import reach
from platforms.services.fetching.reach import Net, is_public, parse
from platforms.services.fetching.troubles import Passing, Refused

INSIDE = (
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7",  # noqa: S104
    "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::1", "::",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "3fff::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808",
    "2002:7f00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1",
    "::127.0.0.1", "::8.8.8.8", "100::1", "fec0::1", "5f00::1", "4000::1",
)  # fmt: skip
OUTSIDE = (
    "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2400:3200::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808",
)  # fmt: skip


def names(**answers: str) -> reach.Resolver:
    def resolve(host: str, port: int) -> Sequence[str]:
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return answers[host].split()

    return resolve


@pytest.mark.parametrize("text", INSIDE)
def test_it_does_not_ask_the_inside(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_it_asks_the_public_net(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("answer", ["10.0.0.1", "8.8.8.8 10.0.0.1", "2606:4700::1111 ::1", "8.8.8.8 nonsense"])
def test_one_private_answer_of_a_name_server_is_enough_to_refuse(answer: str) -> None:
    with pytest.raises(Refused, match=r"“media” lies in a private network"):
        Net(resolver=names(media=answer)).ips(parse("https://media/film.mp4"))


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    """Whatever the system's own resolver makes of them is what is checked."""
    with pytest.raises(Refused):
        Net().ips(parse(f"http://{host}/film.mp4"))


def test_public_answers_are_where_it_connects_to() -> None:
    net = Net(resolver=names(media="8.8.8.8 2606:4700::1111 8.8.8.8"))
    assert net.ips(parse("https://media/film.mp4")) == ["8.8.8.8", "2606:4700::1111"]


def test_networks_of_the_house_may_be_allowed_and_no_others() -> None:
    net = Net(allowed=(ipaddress.ip_network("10.1.0.0/16"),), resolver=names(media="10.1.2.3", other="10.2.0.1"))
    assert net.ips(parse("http://media/film.mp4")) == ["10.1.2.3"]
    assert net.may_ask("::ffff:10.1.2.3")
    with pytest.raises(Refused):
        net.ips(parse("http://other/film.mp4"))


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="not known"):
        Net(resolver=names()).ips(parse("https://nowhere/film.mp4"))


def test_name_servers_that_fail_for_a_moment_are_asked_again_later() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    with pytest.raises(Passing):
        Net(resolver=resolve).ips(parse("https://media/film.mp4"))


def test_name_servers_that_never_answer_do_not_hold_it_up(monkeypatch) -> None:
    monkeypatch.setattr(reach, "RESOLVE_SECONDS", 0.05)
    never = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        never.wait()
        return []

    with pytest.raises(Passing, match="do not answer"):
        Net(resolver=resolve).ips(parse("https://media/film.mp4"))
    never.set()


@pytest.mark.parametrize(
    "text",
    ["", "film.mp4", "ftp://media/film.mp4", "file:///etc/passwd", "http://", "http:///film.mp4", "//media/film.mp4",
     "http://me dia/film.mp4", "http://media:99999/", "http://media/a\r\nHost: other", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="not an http or https address"):
        parse(text)


@pytest.mark.parametrize("text", ["https://user:secret@media/", "https://user@media/"])
def test_a_log_in_in_the_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Refused, match="user name or password") as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("port", [0, 22, 25, 53, 81, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(Refused, match=f"Port {port} is not asked"):
        parse(f"http://media:{port}/film.mp4")


@pytest.mark.parametrize("port", [80, 443, 1024, 8080, 65535])
def test_ports_of_web_servers_are_asked(port: int) -> None:
    assert parse(f"http://media:{port}/film.mp4").port == port


def test_letters_of_any_language_are_sent_as_the_web_wants_them() -> None:
    address = parse(" https://例子.测试/第一课 上.mp4?签=1#part ")
    assert address.host == "xn--fsqu00a.xn--0zwm56d"
    assert address.target == "/%E7%AC%AC%E4%B8%80%E8%AF%BE%20%E4%B8%8A.mp4?%E7%AD%BE=1"
    assert address.last_part == "第一课 上.mp4"


def test_what_may_be_shown_of_an_address_holds_no_secret() -> None:
    address = parse("https://media:8443/film.mp4?token=secret")
    assert str(address) == "https://media:8443"
    assert "secret" not in repr(address)
