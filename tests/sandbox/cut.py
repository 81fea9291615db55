"""A request whose connection breaks in the middle of its body."""

import socket
from urllib.parse import urlsplit


def send_and_cut(address: str, headers: dict[str, str], length: int, body: bytes) -> bytes:
    """POST ``body`` while announcing ``length`` bytes, then stop sending; answers what came back."""
    parts = urlsplit(address)
    lines = [f"POST {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)
