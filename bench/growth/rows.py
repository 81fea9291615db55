"""The rows of a hub of a given size, made the same way each time: two publications a video, four events a publication.

What a small and a large hub have alike is alike here: the accounts, the uploads under way, and at least a page of each
state. Otherwise a longer page would be taken for a slower one.
"""

from __future__ import annotations

import itertools
import json
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

SEED = 20_241_121
ACCOUNTS = 30
PLATFORMS = ("youku", "iqiyi", "baijiayun")
#: Of all publications, and at least so many; the others are published.
SHARES = {
    "failed": (0.02, 60), "rejected": (0.01, 60), "missing": (0.003, 60), "blocked": (0.003, 20),
    "cancelled": (0.015, 60), "deleted": (0.04, 60), "processing": (0.004, 60), "reviewing": (0.002, 20),
    "queued": (0.003, 60), "paused": (0.0002, 10), "unknown": (0.0, 60), "uploading": (0.0, 12), "draft": (0.0, 5),
}  # fmt: skip
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "初一", "初二", "初三", "高一", "高二", "高三")
SUBJECTS = ("数学", "语文", "英语", "物理", "化学", "生物", "历史", "地理", "政治", "音乐", "美术", "体育")
TOPICS = (
    "认识分数", "古诗鉴赏", "过去时态", "牛顿定律", "氧化还原", "光合作用", "唐朝兴衰",
    "板块运动", "公民权利", "五线谱",
    "水彩入门", "篮球规则", "一元二次方程", "阅读理解", "定语从句",
    "电磁感应", "有机化学", "细胞分裂", "鸦片战争", "季风气候",
)  # fmt: skip
#: Words of a few videos, of one in twelve, and of none.
RARE, COMMON, NOWHERE = "勾股定理证明", "数学", "不存在的标题"
RARE_VIDEOS = 30
WORDS = "讲解清楚，例题丰富，适合课后复习。"
DONE = {"failed", "rejected", "missing", "blocked", "deleted", "published", "processing", "reviewing"}
OLDEST = timedelta(days=730)


@dataclass(frozen=True)
class Table:
    """Rows for a table, in the order of `columns`."""

    name: str
    columns: Sequence[str]
    rows: Iterator[Sequence[Any]]


class Hub:
    """A hub with `size` publications. `tables` yields its rows in an order that foreign keys allow."""

    def __init__(self, size: int, now: datetime | None = None) -> None:
        self.size, self.videos = size, size // 2
        self.now = now or datetime.now(UTC)
        self._random = random.Random(SEED)
        self._states = self._mixed_states()
        self._every = max(1, self.videos // RARE_VIDEOS)

    def tables(self) -> Iterator[Table]:
        yield Table("platforms_video", VIDEO, self._videos())
        yield Table("platforms_publication", PUBLICATION, self._publications())
        yield Table("platforms_event", EVENT, self._events())
        yield Table("platforms_delivery", DELIVERY, self._deliveries())
        yield Table("platforms_accesskey", ACCESS_KEY, self._access_keys())
        yield Table("platforms_uploadsession", SESSION, self._sessions())

    def title(self, video: int) -> str:
        if video % self._every == 0:
            return f"{RARE} 第{video}讲"
        return f"{GRADES[video % 12]}{SUBJECTS[video // 12 % 12]} {TOPICS[video // 144 % 20]} 第{video}课"

    def account(self, publication: int) -> int:
        """The two publications of a video are on two accounts."""
        video, second = divmod(publication - 1, 2)
        first = 1 + video * 7 % ACCOUNTS
        return 1 + (first + 10) % ACCOUNTS if second else first

    def calls(self, publication: int) -> bool:
        """Whether its platform calls back."""
        return PLATFORMS[self.account(publication) % len(PLATFORMS)] == "baijiayun"

    def state(self, publication: int) -> str:
        return self._states[publication - 1]

    def at(self, number: int, of: int) -> datetime:
        """When the row was written: evenly over two years, the last one now."""
        return self.now - OLDEST * (1 - number / of)

    def _mixed_states(self) -> list[str]:
        """States of the unfinished at the new end, the others anywhere."""
        counts = {state: max(least, int(self.size * share)) for state, (share, least) in SHARES.items()}
        new = [state for state in ("processing", "reviewing", "queued", "paused", "uploading", "draft")
               for _ in range(counts.pop(state))]  # fmt: skip
        old = [state for state, count in counts.items() for _ in range(count)]
        old += ["published"] * max(0, self.size - len(new) - len(old))
        self._random.shuffle(old)
        self._random.shuffle(new)
        return (old + new)[-self.size :]

    def _videos(self) -> Iterator[Sequence[Any]]:
        for number in range(1, self.videos + 1):
            at = self.at(number, self.videos)
            tags = f"{GRADES[number % 12]},{SUBJECTS[number // 12 % 12]}"
            yield (number, self.title(number), WORDS * (1 + number % 6), tags, "", f"lesson-{number}.mp4",
                   50_000_000 + number % 1000, f"{number:032x}", "MPEG-4", "AVC", 600.0, 1920, 1080, 1, at,
                   at)  # fmt: skip

    def _publications(self) -> Iterator[Sequence[Any]]:
        for number in range(1, self.size + 1):
            at, state = self.at(number, self.size), self.state(number)
            remote = f"XN{number:09d}" if state in DONE else None
            sent = 50_000_000 if remote else 1_000_000
            title = f"专题 {TOPICS[number % 20]} {number}" if number % 50 == 0 else ""
            error = REFUSED if state in ("failed", "rejected") else None
            due = self.now - timedelta(seconds=number % 600) if state in ("queued", "processing", "reviewing") else None
            lease = self.now + timedelta(days=1) if state == "uploading" else None
            page = f"https://v.example.com/{remote}" if state == "published" else ""
            renamed = f"改名 {number}" if remote and number % 12 == 0 else ""
            yield (number, (number + 1) // 2, self.account(number), title, "", "", "", "{}", state, "worker:1", at,
                   remote, "", "", 50_000_000, sent, sent, 12.5, at if remote else None, 1, 3, error, due, lease,
                   "worker:1" if lease else "", 1, page, page, "", renamed, bool(renamed), 600.0, number % 5000,
                   at)  # fmt: skip

    def _events(self) -> Iterator[Sequence[Any]]:
        """Four of each publication, as they are written: what happens to it lies near together."""
        number, kinds = itertools.count(1), ("queued", "uploading", "processing")
        for publication in range(1, self.size + 1):
            title, account = self.title((publication + 1) // 2), self.account(publication)
            subject, actor = f"{title} → 账号 {account}", f"staff-{publication % 20}"
            at = self.at(publication, self.size)
            for step, kind in enumerate((*kinds, self.state(publication))):
                who = actor if not step else f"worker-{publication % 3}:{publication % 90}"
                yield (next(number), at + timedelta(seconds=step), who, account, publication, subject, kind, SAID, "{}")

    def _deliveries(self) -> Iterator[Sequence[Any]]:
        """One for each newer publication on Baijiayun, which alone calls; at least a page is refused, a few wait."""
        first = max(1, self.size - max(self.size // 10, min(self.size, 900)))
        called = filter(self.calls, range(first, self.size + 1))
        for number, publication in enumerate(called, 1):
            at, refused = self.at(publication, self.size), number % 5 == 0 and number < 1000
            done = None if refused or publication > self.size - 30 else at
            yield (number, self.account(publication), publication, None if refused else f"qid-{number}", at,
                   not refused, BODY, REFUSED if refused else None, done)  # fmt: skip

    def _access_keys(self) -> Iterator[Sequence[Any]]:
        count = max(1500, self.size // 10)
        for number in range(1, count + 1):
            at = self.at(number, count)
            expires = at + timedelta(days=30)
            revoked = at if number % 5 == 0 and number < 10_000 else None
            yield (uuid.UUID(int=self._random.getrandbits(128)), 2 + number % 10 * 3, 1 + number % self.videos,
                   f"学员 {number}", expires, None, number % 9, 0, at, revoked, "staff-1", at)  # fmt: skip

    def _sessions(self) -> Iterator[Sequence[Any]]:
        running = (n for n in range(1, self.size + 1) if self.state(n) in ("uploading", "paused"))
        for number, publication in enumerate(running, 1):
            yield (number, publication, "oss", "f", 10_000_000, 1_000_000, "", None, self.now)


NO = {"kind": "Refused", "code": "1", "field": "", "detail": "", "text": "The platform says: no.", "params": {}}
REFUSED = json.dumps(NO)
SAID = json.dumps({"text": "The video is published.", "params": {}})
BODY = json.dumps({"video_id": "1", "status": "100"})
VIDEO = (
    "id", "title", "description", "tags", "source", "original_name", "size", "md5", "container", "codecs", "duration",
    "width", "height", "created_by_id", "created_at", "updated_at",
)  # fmt: skip
PUBLICATION = (
    "id", "video_id", "account_id", "title", "description", "tags", "category", "options", "state", "state_source",
    "state_at", "remote_id", "raw_state", "raw_words", "bytes_total", "bytes_sent", "bytes_moved", "upload_seconds",
    "uploaded_at", "attempts", "looks", "error", "next_run_at", "lease_until", "lease_holder", "fence", "page_url",
    "embed_url", "cover_url", "remote_title", "differs", "remote_duration", "plays", "created_at",
)  # fmt: skip
EVENT = ("id", "at", "actor", "account_id", "publication_id", "subject", "kind", "sentence", "data")
DELIVERY = (
    "id", "account_id", "publication_id", "qid", "received_at", "verified", "body", "refusal", "processed_at",
)  # fmt: skip
ACCESS_KEY = (
    "id", "account_id", "video_id", "viewer", "expires_at", "most_plays", "plays", "refusals", "last_asked_at",
    "revoked_at", "created_by", "created_at",
)  # fmt: skip
SESSION = (
    "id", "publication_id", "protocol", "fingerprint", "part_size", "bytes_done", "token", "expires_at", "updated_at",
)  # fmt: skip
