"""Staff choose a hub category once, and each account gets the one of its own that it stands for."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from platforms.models import Account, CategoryMapping, HubCategory
from platforms.services import publishing
from platforms.services.categories import choosing, mapping, taking, tree
from platforms.services.files import media
from platforms.services.publishing import Metadata, Target
from platforms.values import State
from sandbox.server import Sandbox
from tests import hub
from tests.services.category_trees import ADD_CALL, address, driver, grow, grown

pytestmark = pytest.mark.django_db
ALL = ("youku", "iqiyi", "baijiayun")


def three(box: Sandbox) -> tuple[list[Account], HubCategory]:
    """An account on each platform, and a hub category that stands for something on each."""
    account, categories = grown(box, "数学", "三年级")
    accounts = [hub.add_account(box, "youku"), hub.add_account(box, "iqiyi"), account]
    education = HubCategory.objects.create(name="教育频道")
    chosen = {accounts[0].pk: "教育", accounts[1].pk: "12", account.pk: str(categories[1].remote_id)}
    assert mapping.save(education, chosen, actor="li") == 3
    return accounts, education


def open_targets(accounts: list[Account]) -> list[Target]:
    return [Target(each, None, hub.target(each).options) for each in accounts]


def test_each_account_gets_its_own_category_and_the_platform_has_it(box: Sandbox) -> None:
    accounts, education = three(box)
    video = hub.add_video(Metadata("第一课 认识分数", "三年级数学", "数学, 三年级", education.pk))
    assert video.category == education
    rows = [each.publication for each in publishing.publish(video, open_targets(accounts), actor="li")]
    third = str(accounts[2].categories.get(name="三年级").remote_id)
    assert [row.category for row in rows] == ["教育", "12", third]
    hub.work(rows)
    assert {row.state for row in rows} == {State.PUBLISHED}
    assert [seen.remote_id for seen in driver(accounts[2]).category_videos(third)] == [rows[2].remote_id]


@pytest.mark.parametrize("platform", ALL)
def test_without_a_mapping_an_account_gets_none(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    video = hub.add_video(Metadata("题", "说明", "数学", HubCategory.objects.create(name="教育").pk))
    (queued,) = publishing.publish(video, open_targets([account]), actor="li")
    assert queued.publication.category == ""


def test_what_is_chosen_for_an_account_goes_before_the_mapping(box: Sandbox) -> None:
    accounts, education = three(box)
    video = hub.add_video(Metadata("题目", "说明", "数学", education.pk))
    (queued,) = publishing.publish(video, [hub.target(accounts[0], "科技")], actor="li")
    assert queued.publication.category == "科技"
    (queued,) = publishing.publish(video, [hub.target(accounts[1], "")], actor="li")
    assert queued.publication.category == ""


@pytest.mark.parametrize("platform", ALL)
def test_a_category_of_another_account_is_refused_by_name(box: Sandbox, platform: str) -> None:
    other, (maths,) = grown(box, "数学")
    account = other if platform == "baijiayun" else hub.add_account(box, platform)
    second = hub.add_account(box, "baijiayun", "bj-2") if platform == "baijiayun" else account
    found = publishing.obstacles(hub.LESSON, media.keep_copy(hub.SAMPLE), [hub.target(second, str(maths.remote_id))])
    assert [(each.account, each.field) for each in found] == [(second, "category")]
    with pytest.raises(ValidationError) as caught:
        mapping.save(HubCategory.objects.create(name="教育"), {second.pk: str(maths.remote_id)}, actor="li")
    (why,) = caught.value.message_dict[str(second.pk)]
    assert "数学" in why
    assert "bj" in why
    assert not CategoryMapping.objects.exists()


def test_a_category_that_is_gone_stops_publishing_with_its_path(box: Sandbox) -> None:
    accounts, education = three(box)
    third = accounts[2].categories.get(name="三年级")
    driver(accounts[2]).delete_category(str(third.remote_id))
    taking.sync(accounts[2], actor="li")
    metadata = Metadata("第一课", "三年级数学", "数学, 三年级", education.pk)
    found = publishing.obstacles(metadata, media.keep_copy(hub.SAMPLE), open_targets(accounts))
    assert [(each.account.name, each.field) for each in found] == [("bj", "category")]
    assert "数学 / 三年级" in found[0].text


def test_the_platforms_refusal_of_the_category_keeps_the_file_there(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    (row,) = [each.publication for each in publishing.publish(
        hub.add_video(), [hub.target(account, str(maths.remote_id))], actor="li")]  # fmt: skip
    driver(account).delete_category(str(maths.remote_id))
    hub.work([row], until=(State.FAILED,))
    assert hub.error_of(row)["field"] == "category"
    moved = hub.bytes_received(box)
    (chinese,) = grow(account, "语文")
    taking.sync(account, actor="li")
    publishing.publish(row.video, [hub.target(account, chinese)], actor="li")
    hub.work([row], until=(State.PUBLISHED,))
    assert hub.bytes_received(box) == moved
    assert [seen.remote_id for seen in driver(account).category_videos(chinese)] == [row.remote_id]


def test_saving_a_mapping_twice_changes_nothing_and_an_empty_choice_ends_it(box: Sandbox) -> None:
    accounts, education = three(box)
    assert mapping.save(education, mapping.mapped(education.pk, [each.pk for each in accounts]), actor="li") == 0
    assert mapping.save(education, {accounts[0].pk: ""}, actor="li") == 1
    assert accounts[0].pk not in mapping.mapped(education.pk, [each.pk for each in accounts])
    assert CategoryMapping.objects.count() == 2


def test_a_hub_category_is_named_for_all_accounts_at_once(box: Sandbox) -> None:
    accounts, education = three(box)
    mapped = mapping.mapped(education.pk, [each.pk for each in accounts])
    assert choosing.categories_for(accounts, "教育频道") == mapped


def test_where_it_stands_for_nothing_the_accounts_own_of_that_name_is_taken(box: Sandbox) -> None:
    accounts, education = three(box)
    HubCategory.objects.filter(pk=education.pk).update(name="三年级")
    CategoryMapping.objects.all().delete()
    third = str(accounts[2].categories.get(name="三年级").remote_id)
    assert choosing.categories_for(accounts, "三年级") == {
        accounts[0].pk: "",
        accounts[1].pk: "",
        accounts[2].pk: third,
    }


@pytest.mark.parametrize("wanted", ["三年级", "数学/三年级", " 数学 / 三年级 ", "ID"])
def test_a_category_is_found_by_id_name_and_path(box: Sandbox, wanted: str) -> None:
    account, categories = grown(box, "数学", "三年级")
    third = str(categories[1].remote_id)
    assert tree.find(account, third if wanted == "ID" else wanted) == third


@pytest.mark.parametrize(("platform", "wanted", "found"), [
    ("iqiyi", "12", "12"), ("iqiyi", "education", "12"), ("youku", "教育", "教育"), ("youku", " EDUCATION ", "教育"),
])  # fmt: skip
def test_one_of_a_platforms_own_is_found_by_value_and_by_name(
    box: Sandbox, settings, platform: str, wanted: str, found: str
) -> None:
    settings.LANGUAGE_CODE = "en"
    account = hub.add_account(box, platform)
    assert tree.find(account, wanted) == found
    taking.sync(account, actor="li")
    assert tree.find(account, wanted) == found


def test_an_unknown_name_is_told_with_the_nearest(box: Sandbox) -> None:
    account, _categories = grown(box, "数学", "三年级")
    grow(account, "四年级")
    taking.sync(account, actor="li")
    with pytest.raises(ValidationError) as caught:
        tree.find(account, "五年级")
    assert "数学 / 三年级" in caught.value.messages[0]
    assert "四年级" in caught.value.messages[0]


def test_a_name_that_several_have_is_told_with_their_paths(box: Sandbox) -> None:
    account, _categories = grown(box, "数学", "三年级")
    grow(account, "语文", "三年级")
    taking.sync(account, actor="li")
    with pytest.raises(ValidationError) as caught:
        tree.find(account, "三年级")
    assert "数学 / 三年级" in caught.value.messages[0]
    assert "语文 / 三年级" in caught.value.messages[0]


def test_choosing_asks_no_platform(box: Sandbox) -> None:
    accounts, education = three(box)
    box.requests.clear()
    choosing.categories_for(accounts, education.name)
    assert len(box.requests.to(address(box, ADD_CALL))) == len(box.requests) == 0
