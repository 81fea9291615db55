"""What Youku accepts in a video's fields (youku-oss-upload.txt, uploads/create).

Where its parameter table and its error table disagree, the parameter table counts: tags of 20, descriptions of 2000.
"""

import re
from collections.abc import Mapping

from sandbox.core import Outcome, outcome_of
from sandbox.youku.errors import refuse

Values = Mapping[str, str]

#: Term and label, as ``schemas/video/category.json`` lists them. ``Other`` is the default that the document names.
CATEGORIES = {
    "News": "资讯",
    "Original": "原创",
    "Movies": "电影",
    "TV": "电视剧",
    "Variety": "综艺",
    "Anime": "动漫",
    "Sports": "体育",
    "Music": "音乐",
    "Games": "游戏",
    "Education": "教育",
    "Documentary": "纪录片",
    "Tech": "科技",
    "Autos": "汽车",
    "LifeStyle": "生活",
    "Ent": "娱乐",
    "Funny": "搞笑",
    "Fashion": "时尚",
    "Travel": "旅游",
    "Baby": "亲子",
    "Other": "其他",
}

BANNED = ("违禁", "[banned]")


def require(values: Values, *names: str) -> None:
    """Raises 1012 unless every parameter is there and not empty."""
    if any(not values.get(name) for name in names):
        raise refuse(1012)


def whole_number(values: Values, name: str, default: int | None = None) -> int:
    """A positive whole number. Raises 1012 when it is missing without a default, 1013 when it is none."""
    text = values.get(name, "")
    if not text and default is not None:
        return default
    require(values, name)
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise refuse(1013)
    return int(text)


def flag(values: Values, name: str) -> bool:
    return choice(values, name, ("0", "1")) == "1"


def choice(values: Values, name: str, allowed: tuple[str, ...]) -> str:
    """One of ``allowed``, the first one when absent. Raises 1013 for anything else."""
    value = values.get(name) or allowed[0]
    if value not in allowed:
        raise refuse(1013)
    return value


def check_title(title: str) -> str:
    if not title.strip():
        raise refuse(120010101)
    if len(title) > 60:
        raise refuse(120010102)
    if outcome_of(title) is Outcome.BANNED:
        raise refuse(120010104)
    return title


def check_tags(tags: str) -> str:
    if not tags.strip():
        raise refuse(120010121)
    each = tags.split(",")
    if len(each) > 10:
        raise refuse(120010122)
    if any(mark in tags for mark in BANNED):
        raise refuse(120010123)
    if any(len(tag.strip()) < 2 for tag in each):
        raise refuse(120010124)
    if any(len(tag.strip()) > 20 for tag in each):
        raise refuse(120010125)
    return tags


def check_description(description: str) -> str:
    if len(description) > 2000:
        raise refuse(120010142)
    if any(mark in description for mark in BANNED):
        raise refuse(120010141)
    return description


def check_category(category: str) -> str:
    # The document lists no code for an unknown category; the general one for a bad value is the strict reading.
    if category not in CATEGORIES and category not in CATEGORIES.values():
        raise refuse(1013)
    return category


def check_privacy(values: Values) -> tuple[str, str]:
    """``public_type`` and ``watch_password``; a password without its privacy is refused as a contradiction."""
    privacy = choice(values, "public_type", ("all", "friend", "password"))
    password = values.get("watch_password", "")
    if privacy == "password":
        require(values, "watch_password")
    elif password:
        raise refuse(1013)
    if password and not re.fullmatch(r"[A-Za-z0-9]{1,32}", password):
        raise refuse(120010145)
    return privacy, password


def metadata(values: Values) -> dict[str, str]:
    """The checked fields that people edit, in the document's order of complaint."""
    title = check_title(values.get("title", ""))
    tags = check_tags(values.get("tags", ""))
    description = check_description(values.get("description", ""))
    privacy, password = check_privacy(values)
    return {
        "title": title,
        "tags": tags,
        "description": description,
        "category": check_category(values.get("category") or "Other"),
        "copyright_type": choice(values, "copyright_type", ("original", "reproduced")),
        "public_type": privacy,
        "watch_password": password,
    }
