"""Platforms in the middle of their life: what a row of the documents needs so that all of its parameters make sense.

`GIVEN` has, by number, what a caller gives a call, under the document's names and as texts.
"""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests

from platforms.contract import Driver
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.drivers.youku.driver import Youku
from platforms.transport.answers import BEIJING
from sandbox.server import Sandbox
from tests.drivers.lent import BytesSource, MemoryAccess, MemoryJob, draft_for

Given = Mapping[str, str]
DriverT = TypeVar("DriverT", bound=Driver)
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\n\xe4\xbd\xa0\xe5\xa5\xbd\n"


class World(Generic[DriverT]):
    """An account and what it has; each method makes something new, for calls that use it up."""

    kind: type[DriverT]
    draft: Mapping[str, Any] = {}

    def __init__(self, box: Sandbox, folder: Path, access: Any = None) -> None:
        self.box, self.folder = box, folder
        platform = str(self.kind.platform)
        self.access = access or MemoryAccess(box.environment(), box.credentials(platform))
        self._numbers = count(1)
        self.prepare()

    @property
    def driver(self) -> DriverT:
        return self.kind(self.access)

    def prepare(self) -> None:
        """What all calls share."""

    def call(self, method: str, **given: str) -> Any:
        """What the platform answers to one call."""
        driver = self.driver
        return driver.call(method, driver.arguments(method, given))

    def source(self) -> BytesSource:
        """A file that the platform has not seen."""
        return BytesSource(random.Random(next(self._numbers)).randbytes(2000))

    def path(self, source: BytesSource) -> str:
        path = self.folder / f"{source.md5}.mp4"
        path.write_bytes(source.data)
        return str(path)

    def video(self) -> str:
        """The id of a video that plays."""
        source = self.source()
        return self.driver.upload(MemoryJob(source, draft_for(source, **self.draft)))


class YoukuWorld(World[Youku]):
    kind = Youku
    metadata = {
        "title": "第一课", "tags": "数学,三年级", "category": "教育", "description": "分数",
        "copyright_type": "reproduced", "public_type": "password", "watch_password": "abc123",
    }  # fmt: skip

    def prepare(self) -> None:
        self.shown = self.video()

    def new_file(self, source: BytesSource | None = None) -> dict[str, str]:
        source = source or self.source()
        return {"file_name": source.name, "file_size": str(source.size), "file_md5": source.md5}

    def created(self, **given: str) -> dict[str, str]:
        """The answer to the creation of an upload task."""
        answer: dict[str, str] = self.call("create_upload", title="第二课", tags="数学", **self.new_file(), **given)
        return answer

    def at_server(self, source: BytesSource, *steps: str) -> dict[str, str]:
        """A task for slices, after these calls to its upload server."""
        created = self.call("create_upload", title="第三课", tags="数学", **self.new_file(source))
        server = {"upload_server": created["upload_server_uri"], "upload_token": created["upload_token"]}
        for step in steps:
            self.call(step, **server, **self.at_step(step, source))
        return server

    def at_step(self, step: str, source: BytesSource) -> dict[str, str]:
        if step == "create_file":
            return {"file_size": str(source.size), "ext": source.extension}
        if step == "upload_slice":
            return {"slice_task_id": "1", "offset": "0", "length": str(source.size), "file": self.path(source)}
        return {}

    def create(self, **given: str) -> Given:
        """A creation with everything that the document knows."""
        thumbnail = "https://img.example.com/cover.jpg"
        return {**self.metadata, **self.new_file(), "thumbnail": thumbnail, "deshake": "1", "isweb": "1", **given}

    def renewing(self) -> Given:
        created = self.created(isnew="1")
        return {name: created[name] for name in ("upload_token", "oss_bucket", "oss_object")}

    def committing(self) -> Given:
        server = self.at_server(self.source(), "create_file", "new_slice", "upload_slice")
        return {
            "upload_token": server["upload_token"], "upload_server_ip": "127.0.0.1",
            "upload_server_name": server["upload_server"],
        }  # fmt: skip

    def announcing(self) -> Given:
        source = self.source()
        return {**self.at_server(source), **self.at_step("create_file", source), "slice_length": "1024"}

    def sending(self) -> Given:
        source = self.source()
        sums = {"hash": hashlib.md5(source.data).hexdigest(), "crc": f"{zlib.crc32(source.data):08x}"}
        server = self.at_server(source, "create_file", "new_slice")
        return {**server, **self.at_step("upload_slice", source), **sums}

    def cancelling(self) -> Given:
        server = self.at_server(self.source(), "create_file")
        return {"upload_token": server["upload_token"], "upload_server_ip": "127.0.0.1"}

    def agreed(self) -> Given:
        """The owner has agreed on Youku's page."""
        redirect = "https://hub.example.com/connected"
        form = {"client_id": self.access.credentials["client_id"], "redirect_uri": redirect, "decision": "allow"}
        url = f"{self.box.url}/youku/v2/oauth2/authorize"
        answer = requests.post(url, data=form, allow_redirects=False, timeout=60)
        code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
        return {"code": code, "redirect_uri": redirect}


class IqiyiWorld(World[Iqiyi]):
    kind = Iqiyi

    def prepare(self) -> None:
        self.shown = self.video()

    def opened(self, source: BytesSource) -> dict[str, str]:
        """Where the bytes of a new file go."""
        opened: dict[str, str] = self.call("open_upload", filetype="mp4", filesize=str(source.size))["data"]
        return opened

    def sending(self) -> Given:
        source = self.source()
        size, last = str(source.size), source.size - 1
        return {**self.opened(source), "file_size": size, "range": f"0-{last}", "file": self.path(source)}

    def described(self, file_id: str) -> Given:
        texts = {"file_name": "第一课 & 分数", "description": "三年级", "tags": "数学,分数", "file_type": "12"}
        return {"file_id": file_id, **texts}

    def finishing(self) -> Given:
        sending = self.sending()
        self.call("set_info", **self.described(sending["file_id"]))
        self.call("upload_range", **sending)
        return {"file_id": sending["file_id"]}


class BaijiayunWorld(World[Baijiayun]):
    kind = Baijiayun
    draft = {"options": {"definition": "16,1"}}

    def prepare(self) -> None:
        self.today = datetime.now(BEIJING).date()
        self.shown = self.video()
        self.category = self.new_category()
        self.child = self.new_category(self.category)
        self.call("set_video_category", video_id=self.shown, category_id=self.category)
        self.box.baijiayun.add_play(int(self.shown))
        self.box.baijiayun.add_flow(int(self.shown), 5000, self.yesterday)
        self.subtitle = self.new_subtitle()["subtitle_id"]

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    def of_video(self, **given: str) -> Given:
        return {"video_id": self.shown, **given}

    def days(self, **given: str) -> Given:
        day = self.yesterday.isoformat()
        return {"start_date": day, "end_date": day, **given}

    def until_today(self, **given: str) -> Given:
        return {"start_date": self.yesterday.isoformat(), "end_date": self.today.isoformat(), **given}

    def times(self, **given: str) -> Given:
        return {"start_time": f"{self.today} 00:00:00", "end_time": f"{self.today} 23:59:59", **given}

    def new_category(self, parent: str = "0") -> str:
        return str(self.call("add_category", name=f"分类 {next(self._numbers)}", parent_id=parent)["data"]["id"])

    def subtitle_file(self) -> str:
        path = self.folder / "lesson.vtt"
        path.write_bytes(VTT)
        return str(path)

    def new_subtitle(self) -> dict[str, str]:
        answer = self.call("upload_subtitle", video_id=self.shown, name="中文", subtitle=self.subtitle_file())
        return {"video_id": self.shown, "subtitle_id": str(answer["data"]["subtitle_id"])}

    def begun(self) -> dict[str, str]:
        """A video without its bytes."""
        data: dict[str, Any] = self.call("get_upload_url", file_name="a.mp4", definition="16")["data"]
        return {"video_id": str(data["video_id"]), "upload_url": data["upload_url"]}


YOUKU: dict[str, Callable[[YoukuWorld], Given]] = {
    "YK-01": lambda _: {},
    "YK-02": lambda w: w.create(isnew="1"),
    "YK-03": lambda w: w.create(isnew="0"),
    "YK-04": lambda w: w.renewing(),
    "YK-06": lambda w: w.committing(),
    "YK-07": lambda w: w.announcing(),
    "YK-08": lambda w: w.at_server(w.source(), "create_file"),
    "YK-09": lambda w: w.sending(),
    "YK-10": lambda w: w.at_server(w.source(), "create_file"),
    "YK-11": lambda w: {"video_id": w.shown, "ext": "thumbnails,show"},
    "YK-X1": lambda w: w.cancelling(),
    "YK-X2": lambda _: {"orderby": "view-count", "page": "1", "count": "50"},
    "YK-X3": lambda _: {"redirect_uri": "https://hub.example.com/connected", "state": "a & b"},
    "YK-X4": lambda w: w.agreed(),
    "YK-X5": lambda w: {"video_ids": f"{w.shown},XMTIz", "ext": "thumbnails,show"},
    "YK-X6": lambda w: {"video_id": w.shown, **w.metadata, "thumbnail_seq": "2"},
    "YK-X7": lambda w: {"video_id": w.video()},
    "YK-X8": lambda _: {},
}
IQIYI: dict[str, Callable[[IqiyiWorld], Given]] = {
    "IQ-01": lambda _: {"filetype": "mp4", "filesize": "2000"},
    "IQ-02": lambda w: w.sending(),
    "IQ-03": lambda w: w.finishing(),
    "IQ-04": lambda w: {"file_id": w.opened(w.source())["file_id"]},
    "IQ-05": lambda w: w.described(w.shown),
    "IQ-06": lambda _: {},
    "IQ-07": lambda _: {},
    "IQ-08": lambda w: {"file_id": w.shown},
    "IQ-09": lambda w: {"file_ids": f"{w.shown},{w.video()}", "page_size": "100", "page": "1"},
    "IQ-10": lambda w: {"file_id": w.shown},
    "IQ-11": lambda w: {"file_ids": w.video()},
}
BAIJIAYUN: dict[str, Callable[[BaijiayunWorld], Given]] = {
    "BJ-01": lambda _: {"regenerate": "1"},
    "BJ-02": lambda _: {
        "file_name": "a & b.mp4", "definition": "16,1", "audio_with_view": "1", "format": "1,4", "encrypt": "2",
    },
    "BJ-03": lambda w: {"upload_url": w.begun()["upload_url"], "file": w.path(w.source())},
    "BJ-04": lambda w: {"video_id": w.begun()["video_id"]},
    "BJ-05": lambda w: w.of_video(),
    "BJ-06": lambda w: w.of_video(),
    "BJ-07": lambda w: w.of_video(),
    "BJ-08": lambda w: {"video_id": w.video(), "definition": "16,1", "type": "2,4"},
    "BJ-09": lambda w: {"video_ids": f"{w.video()},{w.video()}"},
    "BJ-10": lambda w: {"video_id": w.video(), "name": "新的名称 = & ?"},
    "BJ-11": lambda w: {"video_id": w.video()},
    "BJ-12": lambda _: {},
    "BJ-13": lambda w: {"category_id": w.category},
    "BJ-14": lambda w: {"name": "三年级", "parent_id": w.child},
    "BJ-15": lambda w: {"category_id": w.new_category()},
    "BJ-16": lambda w: {"category_id": w.category, "page": "1", "page_size": "100"},
    "BJ-17": lambda w: {"video_id": w.video(), "category_id": w.child},
    "BJ-18": lambda w: w.of_video(expires_in="600"),
    "BJ-19": lambda w: {"video_ids": f"{w.shown},{w.video()}", "expires_in": "600", "product_type": "5"},
    "BJ-20": lambda _: {},
    "BJ-21": lambda w: w.of_video(**w.days()),
    "BJ-22": lambda w: w.days(),
    "BJ-23": lambda w: w.of_video(format="m3u8", expires_in="600"),
    "BJ-24": lambda w: w.of_video(**w.times(page="1", page_size="1000")),
    "BJ-25": lambda w: w.times(page="1", page_size="1000", product_type="5"),
    "BJ-26": lambda w: {"video_id": w.video(), "status": "2"},
    "BJ-27": lambda w: w.of_video(),
    "BJ-28": lambda w: w.until_today(product_type="5"),
    "BJ-29": lambda w: w.of_video(**w.until_today()),
    "BJ-30": lambda w: w.until_today(product_type="5"),
    "BJ-31": lambda _: {"page": "1", "page_size": "1000", "create_time": "2020-01-01 10:01:01"},
    "BJ-32": lambda w: w.of_video(name="English & 中文", subtitle=w.subtitle_file()),
    "BJ-33": lambda w: w.of_video(),
    "BJ-34": lambda w: {"subtitle_id": w.subtitle, "name": "新的名称"},
    "BJ-35": lambda w: w.of_video(subtitle_id=w.subtitle),
    "BJ-36": lambda w: {"subtitle_id": w.new_subtitle()["subtitle_id"]},
    "BJ-37": lambda w: w.days(),
    "BJ-38": lambda w: {"date": w.yesterday.isoformat(), "product_type": "5", "page": "1", "page_size": "100"},
    "BJ-39": lambda _: {},
    "BJ-40": lambda w: {"video_id": w.video(), "definition": "2,4", "format": "1,4"},
    # Nobody listens there.
    "BJ-C1": lambda _: {"url": "http://127.0.0.1:9/callbacks/7"},
    "BJ-C2": lambda _: {},
}  # fmt: skip

WORLDS: dict[str, type[World[Any]]] = {"youku": YoukuWorld, "iqiyi": IqiyiWorld, "baijiayun": BaijiayunWorld}
GIVEN: dict[str, Callable[[Any], Given]] = {**YOUKU, **IQIYI, **BAIJIAYUN}
