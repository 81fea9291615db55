"""The five ways in which bytes go to the platforms."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024
YOUKU, BAIJIAYUN = "/youku/uploads/", "/baijiayun/{domain}/openapi/video/"
SAMPLE = Path(__file__).resolve().parent.parent.parent / "sandbox" / "samples" / "sample.mp4"


@dataclass(frozen=True)
class Protocol:
    """`size`: of the file, in bytes; `less`: of one that still goes in several parts, if any does. `connections`: how
    many parts are under way at once. `bytes`, `create` and `end`: the calls that bring bytes, make the video and end
    the upload, as the sandbox names them; `between`: the others. `options`: of the account.
    """

    name: str
    platform: str
    size: int
    less: int
    connections: int
    create: str
    between: tuple[str, ...]
    bytes: str
    end: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[str, ...]:
        """Every call of an upload, in their order."""
        return (self.create, *self.between, self.bytes, self.end)


_ALL = (
    Protocol(
        "youku-oss",
        "youku",
        size=48 * MIB,
        less=18 * MIB,
        connections=4,
        create=f"{YOUKU}create.json",
        between=("InitiateMultipartUpload", "ListParts", "CompleteMultipartUpload"),
        bytes="UploadPart",
        end=f"{YOUKU}commit.json",
    ),
    Protocol(
        "youku-slices",
        "youku",
        size=48 * MIB,
        less=18 * MIB,
        connections=4,
        create=f"{YOUKU}create.json",
        between=("/gupload/create_file", "/gupload/check", "/gupload/new_slice"),
        bytes="/gupload/upload_slice",
        end=f"{YOUKU}commit.json",
        options={"upload_method": "slices"},
    ),
    Protocol(
        "iqiyi-ranges",
        "iqiyi",
        size=48 * MIB,
        less=18 * MIB,
        connections=4,
        create="/iqiyi-upload/openupload",
        between=("/iqiyi/api/file/info",),
        bytes="/iqiyi-upload/{node}/upload",
        end="/iqiyi-upload/uploadfinish",
    ),
    Protocol(
        "baijiayun-whole",
        "baijiayun",
        size=24 * MIB,
        less=6 * MIB,
        connections=1,
        create=f"{BAIJIAYUN}getUploadUrl",
        between=(),
        bytes="/baijiayun-upload/upload",
        end=f"{BAIJIAYUN}getInfo",
    ),
    Protocol(
        "baijiayun-chunks",
        "baijiayun",
        size=40 * MIB,
        less=34 * MIB,
        connections=1,
        create=f"{BAIJIAYUN}getUploadUrl",
        between=(f"{BAIJIAYUN}getResumeUploadUrl", f"{BAIJIAYUN}getStatus"),
        bytes="/baijiayun-upload/upload",
        end=f"{BAIJIAYUN}getInfo",
    ),
)
PROTOCOLS = {protocol.name: protocol for protocol in _ALL}


def random_video(path: Path, size: int, chance: random.Random) -> Path:
    """A file of `size` bytes that plays: the sample, and after it a box of random bytes that players skip."""
    sample = SAMPLE.read_bytes()
    rest = size - len(sample)
    with path.open("wb") as file:
        file.write(sample + struct.pack(">I4s", rest, b"free"))
        file.write(chance.randbytes(rest - 8))
    return path
