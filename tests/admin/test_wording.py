"""Sentences one after another, as each language writes them."""

from __future__ import annotations

import pytest

from platforms.models.wording import joined
from tests.admin.rows import add_account

ADD = "/admin/platforms/video/add/"


def test_empty_sentences_are_left_out_and_full_width_marks_need_no_space():
    assert joined(["One.", "", "Two."]) == "One. Two."
    assert joined(["留空：立即发布。", "按时区计算。"]) == "留空：立即发布。按时区计算。"


@pytest.mark.django_db
def test_help_of_several_sentences_has_no_space_between_them_in_chinese(admin_client):
    add_account()
    admin_client.cookies["django_language"] = "zh-hans"
    html = admin_client.get(ADD).content.decode()
    assert "立即发布。时间按" in html
