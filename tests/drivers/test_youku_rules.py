from __future__ import annotations

from typing import Any

import pytest

from platforms.drivers.youku.driver import Youku
from tests.drivers.on_youku import job_of


def fields(**changes: Any) -> list[str]:
    return [problem.field for problem in Youku.problems(job_of(**changes).draft)]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "题" * 60},
        {"tags": ("数学",)},
        {"tags": tuple(f"标签{number}" for number in range(10))},
        {"tags": ("题" * 20,)},
        {"description": ""},
        {"description": "题" * 2000},
        {"category": "教育"},
        {"options": {"public_type": "password", "watch_password": "a1" * 16}},
        {"options": {"public_type": "friend", "copyright_type": "reproduced", "deshake": "1", "watch_password": ""}},
        {"options": {"public_type": "", "copyright_type": ""}},
        {"extension": "rmvb"},
    ],
)
def test_it_takes_what_is_just_within_the_limits(changes: dict[str, Any]) -> None:
    assert fields(**changes) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "题" * 61}, "title"),
        ({"tags": ()}, "tags"),
        ({"tags": tuple(f"标签{number}" for number in range(11))}, "tags"),
        ({"tags": ("数",)}, "tags"),
        ({"tags": ("数学", " a ")}, "tags"),
        ({"tags": ("题" * 21,)}, "tags"),
        ({"tags": ("数学,语文",)}, "tags"),
        ({"description": "题" * 2001}, "description"),
        ({"options": {"public_type": "nobody"}}, "public_type"),
        ({"options": {"copyright_type": "stolen"}}, "copyright_type"),
        ({"options": {"public_type": "password"}}, "watch_password"),
        ({"options": {"watch_password": "abc"}}, "watch_password"),
        ({"options": {"public_type": "all", "watch_password": "abc"}}, "watch_password"),
        ({"options": {"public_type": "password", "watch_password": "a b"}}, "watch_password"),
        ({"options": {"public_type": "password", "watch_password": "密码"}}, "watch_password"),
        ({"options": {"public_type": "password", "watch_password": "abc\n"}}, "watch_password"),
        ({"options": {"public_type": "password", "watch_password": "a" * 33}}, "watch_password"),
        ({"size": 0}, "file"),
        ({"extension": "txt"}, "file"),
    ],
)
def test_it_names_the_field_of_what_is_not_taken(changes: dict[str, Any], field: str) -> None:
    assert fields(**changes) == [field]


def test_it_tells_all_problems_at_once() -> None:
    assert fields(title="", tags=(), description="题" * 2001, extension="txt") == [
        "title",
        "description",
        "tags",
        "file",
    ]


def test_it_offers_the_documents_choices() -> None:
    options = {field.name: [choice.value for choice in field.choices] for field in Youku.publish_options}
    assert options == {
        "copyright_type": ["original", "reproduced"],
        "public_type": ["all", "friend", "password"],
        "watch_password": [],
        "deshake": [],
    }


def test_its_secret_credentials_are_marked() -> None:
    kinds = {field.name: field.kind for field in Youku.credential_fields}
    assert kinds == {"client_id": "text"} | dict.fromkeys(("client_secret", "access_token", "refresh_token"), "secret")
