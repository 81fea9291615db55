"""`sync --categories` and `publish --category`, as scripts see them."""

from __future__ import annotations

import pytest

from platforms.models import HubCategory, Publication
from platforms.services.categories import mapping, taking
from tests import hub
from tests.commands.test_publish import FILE, WORDS, to
from tests.services.category_trees import driver, grow, grown

pytestmark = pytest.mark.django_db
PLATFORMS = ("youku", "iqiyi", "baijiayun")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_counts_are_printed_and_a_second_pass_brings_nothing(box, manage, platform):
    account = hub.add_account(box, platform)
    if platform == "baijiayun":
        grow(account, "数学", "三年级")
    ran = manage("sync", account.name, "--categories", "--json")
    assert (ran.code, ran.document) == (
        0, {"categories": {"created": account.categories.count(), "updated": 0, "missing": 0}},
    )  # fmt: skip
    assert ran.document["categories"]["created"] > 1
    again = manage("sync", account.name, "--categories", "--json")
    assert again.document == {"categories": {"created": 0, "updated": 0, "missing": 0}}


def test_what_disappeared_is_counted(box, manage):
    account, (maths,) = grown(box, "数学")
    driver(account).delete_category(str(maths.remote_id))
    ran = manage("sync", "bj", "--categories")
    assert ran.code == 0
    assert "1 missing" in ran.out


def test_several_kinds_are_one_document(box, manage):
    hub.add_account(box, "baijiayun")
    ran = manage("sync", "bj", "--videos", "--categories", "--json")
    assert list(ran.document) == ["categories", "videos"]


def test_a_platform_that_refuses_is_exit_1(box, manage):
    hub.add_account(box, "baijiayun")
    box.block("/baijiayun", hub.LOST, times=10)
    ran = manage("sync", "bj", "--categories", "--json")
    assert (ran.code, ran.problem["kind"]) == (1, "Temporary")


@pytest.mark.parametrize("named", ["数学 / 三年级", "三年级", "ID"])
def test_publish_takes_the_id_the_name_or_the_path_of_a_category(box, manage, named):
    _account, categories = grown(box, "数学", "三年级")
    third = str(categories[1].remote_id)
    named = third if named == "ID" else named
    assert manage("publish", FILE, *to("bj"), *WORDS, "--category", named, "--json").code == 0
    assert Publication.objects.get().category == third


def test_publish_takes_the_name_of_a_hub_category_for_every_account(box, manage):
    account, (maths,) = grown(box, "数学")
    yk = hub.add_account(box, "youku")
    hub_category = HubCategory.objects.create(name="理科")
    mapping.save(hub_category, {account.pk: str(maths.remote_id), yk.pk: "科技"}, actor="li")
    assert manage("publish", FILE, *to("yk", "bj"), *WORDS, "--category", "理科", "--json").code == 0
    rows = {row.account.name: row.category for row in Publication.objects.all()}
    assert rows == {"yk": "科技", "bj": maths.remote_id}
    assert {row.video.category for row in Publication.objects.all()} == {hub_category}


def test_an_unknown_category_is_bad_input_with_the_nearest(box, manage):
    account, _categories = grown(box, "数学", "三年级")
    grow(account, "四年级")
    taking.sync(account, actor="li")
    HubCategory.objects.create(name="理科")
    ran = manage("publish", FILE, *to("bj"), *WORDS, "--category", "五年级", "--json")
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "数学 / 三年级" in ran.problem["message"]
    assert "理科" in ran.problem["message"]
    assert not Publication.objects.exists()
