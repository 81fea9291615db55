"""The columns of a table of videos: what they are called in either language, and which of them a heading means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from platforms.values import gettext_noop


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading as an English message id, other headings it goes by, and what its cells hold."""

    name: str
    heading: str
    others: tuple[str, ...]
    meaning: str


COLUMNS = (
    Column("file", gettext_noop("File"), ("path", "file name", "video", "文件", "文件名", "视频文件", "路径"),
           gettext_noop("Path of the video below the ingest folder, or below the folder named on the page.")),
    Column("title", gettext_noop("Title"), ("name", "标题", "视频标题", "名称"),
           gettext_noop("The title of the video.")),
    Column("description", gettext_noop("Description"), ("about", "简介", "描述", "视频简介"),
           gettext_noop("The description; iQiyi needs one.")),
    Column("tags", gettext_noop("Tags"), ("tag", "keywords", "标签", "关键词"),
           gettext_noop("Tags, separated by commas; Youku needs at least one.")),
    Column("category", gettext_noop("Category"), ("categories", "分类", "类别", "栏目"),
           gettext_noop("A category for all accounts, or “account=category” with semicolons between several.")),
    Column("accounts", gettext_noop("Accounts"), ("account", "to", "账号", "帐号", "发布账号"),
           gettext_noop("The accounts to publish to, separated by commas; empty: those ticked on the page.")),
    Column("publish_at", gettext_noop("Publish at"), ("publish time", "发布时间", "上架时间", "定时发布"),
           gettext_noop("When it becomes visible, such as 2026-12-01 08:00; empty: as soon as possible.")),
    Column("block_at", gettext_noop("Block at"), ("block time", "屏蔽时间", "下架时间", "定时屏蔽"),
           gettext_noop("When it is blocked, such as 2026-12-31 20:00; empty: never.")),
    Column("subtitles", gettext_noop("Subtitles"), ("subtitle", "字幕", "字幕文件"),
           gettext_noop("Subtitle files (.srt, .vtt) below the same folder, separated by semicolons.")),
    Column("template", gettext_noop("Template"), ("模板",),
           gettext_noop("A template whose metadata and options fill what the row leaves empty.")),
)  # fmt: skip
BY_NAME = MappingProxyType({column.name: column for column in COLUMNS})
#: Without these a table is not understood.
REQUIRED = ("file", "title")


def plain(heading: str) -> str:
    """A heading without what people vary: case, width, spaces, underscores, stars, brackets and what they say."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\(.*?\)|[\s_\-*:]", "", text)


_meant = {
    plain(heading): column.name for column in COLUMNS for heading in (column.name, column.heading, *column.others)
}


def meant_by(heading: str) -> str:
    """The name of the column that a heading means; empty when it means none."""
    return _meant.get(plain(heading), "")
