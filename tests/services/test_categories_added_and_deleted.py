"""Categories are added and deleted on the platform once, whatever becomes of the answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from platforms.errors import Refused, Temporary, Unsupported
from platforms.models import Account, Category, CategoryMapping, Event, HubCategory, Publication
from platforms.models.category import LONGEST_NAME
from platforms.services.categories import changing, mapping, taking
from platforms.values import State
from sandbox.messages import Request
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.services.category_trees import ADD_CALL, DELETE_CALL, LOOK_CALL, address, driver, grow, grown, paths, there

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def add(account: Account, name: str, parent: Category | None = None) -> Category:
    return changing.add(account, name, parent, actor="li")


def delete(category: Category) -> bool:
    return changing.delete(category, actor="li")


def calls(box: Sandbox, call: str) -> int:
    return len(box.requests.to(address(box, call)))


def test_a_category_is_added_at_the_top_and_below_another(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    maths = add(account, " 数学 ")
    third = add(account, "三年级", maths)
    assert there(account) == ["数学", "三年级"]
    assert (third.parent, third.level, third.path) == (maths, 2, "数学 / 三年级")
    assert taking.sync(account, actor="li") == taking.Counts()
    told = [event.text for event in account.events.filter(kind="categories")]
    assert any("数学 / 三年级" in text and str(third.remote_id) in text for text in told)


@pytest.mark.parametrize(("name", "word"), [("", "name"), ("  ", "name"), ("长" * (LONGEST_NAME + 1), "201")])
def test_a_name_that_is_empty_or_too_long_is_refused_before_anything_is_sent(
    box: Sandbox, name: str, word: str
) -> None:
    account = hub.add_account(box, "baijiayun")
    with pytest.raises(ValidationError) as caught:
        add(account, name)
    assert word in caught.value.message_dict["name"][0]
    assert len(box.requests) == 0


def test_a_sixth_level_is_refused_before_anything_is_sent(box: Sandbox) -> None:
    account, categories = grown(box, "一", "二", "三", "四", "五")
    with pytest.raises(ValidationError) as caught:
        add(account, "六", categories[-1])
    assert "5 levels" in caught.value.message_dict["parent"][0]
    assert calls(box, ADD_CALL) == 5


def test_the_same_name_twice_in_one_place_is_refused_and_elsewhere_is_not(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    with pytest.raises(ValidationError) as caught:
        add(account, "数学")
    assert "数学" in caught.value.message_dict["name"][0]
    add(account, "数学", maths)
    assert there(account) == ["数学", "数学"]


def test_a_twin_that_the_hub_did_not_know_is_taken_in(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    grow(account, "数学")
    with pytest.raises(ValidationError):
        add(account, "数学")
    assert paths(account) == ["数学"]
    assert calls(box, ADD_CALL) == 1


def test_a_parent_on_another_account_is_refused(box: Sandbox) -> None:
    _account, (maths,) = grown(box, "数学")
    other = hub.add_account(box, "baijiayun", "other")
    with pytest.raises(ValidationError) as caught:
        add(other, "三年级", maths)
    assert "bj" in caught.value.message_dict["parent"][0]


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_nothing_is_added_to_a_platforms_own_list(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    with pytest.raises(Unsupported):
        add(account, "数学")
    assert not account.categories.exists()
    assert len(box.requests) == 0


def test_a_lost_answer_is_looked_up_and_the_call_is_not_repeated(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    box.block(address(box, ADD_CALL), hub.LOST)
    added = add(account, "数学")
    assert there(account) == ["数学"]
    assert calls(box, ADD_CALL) == 1
    assert added.remote_id == Category.objects.get().remote_id
    assert any("was lost" in event.text for event in account.events.all())


def test_a_call_that_never_arrived_may_be_made_again_by_a_person(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    box.block(address(box, ADD_CALL), Answer(close=True))
    with pytest.raises(Temporary):
        add(account, "数学")
    assert (there(account), Category.objects.count()) == ([], 0)
    add(account, "数学")
    assert there(account) == ["数学"]


def test_when_nobody_can_tell_the_name_is_held_until_a_list_tells(box: Sandbox, monkeypatch) -> None:
    account = hub.add_account(box, "baijiayun")
    take = box.blocks.take
    looks: list[str] = []

    def fail(request: Request) -> Answer | None:
        """The answer to adding is lost, and so is the look after it."""
        if request.path.endswith("addCategory"):
            looks.append(request.path)
            return hub.LOST
        return Answer(close=True) if looks else take(request)

    monkeypatch.setattr(box.blocks, "take", fail)
    with pytest.raises(Temporary):
        add(account, "数学")
    monkeypatch.setattr(box.blocks, "take", take)
    with pytest.raises(ValidationError, match="at this moment"):
        add(account, "数学")
    Category.objects.update(asked_at=timezone.now() - taking.CLAIM - timedelta(seconds=1))
    assert taking.sync(account, actor="li").created == 1
    assert (there(account), paths(account)) == (["数学"], ["数学"])
    assert not Category.objects.filter(remote_id=None).exists()


def test_whoever_died_while_adding_is_followed_by_the_next(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    long_ago = timezone.now() - taking.CLAIM - timedelta(seconds=1)
    Category.objects.create(account=account, name="数学", path="数学", asked_at=long_ago)
    add(account, "数学")
    assert there(account) == ["数学"]
    assert Category.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_the_same_name_at_once_make_one_category(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    refused: list[ValidationError] = []

    def press() -> None:
        try:
            add(Account.objects.get(pk=account.pk), "数学")
        except ValidationError as error:
            refused.append(error)

    hub.join([hub.Worker(press) for _ in range(3)])
    assert there(account) == ["数学"]
    assert (len(refused), paths(account)) == (2, ["数学"])


def test_an_empty_category_is_deleted(box: Sandbox) -> None:
    account, (maths, third) = grown(box, "数学", "三年级")
    assert delete(third) is True
    assert (there(account), paths(account)) == (["数学"], ["数学"])
    assert not Category.objects.filter(pk=third.pk).exists()
    assert Category.objects.filter(pk=maths.pk).exists()


def test_one_that_holds_videos_is_refused_with_the_platforms_own_words(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    driver(account).set_category(str(row.remote_id), str(maths.remote_id))
    with pytest.raises(Refused) as caught:
        delete(maths)
    assert "分类下有视频" in str(caught.value.sentence.params["words"])
    assert paths(account) == ["数学"]
    assert Event.objects.filter(kind="categories", sentence__text=caught.value.sentence.text).exists()


def test_one_that_is_already_gone_is_a_success_and_said_so(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    driver(account).delete_category(str(maths.remote_id))
    assert delete(maths) is False
    assert paths(account) == []
    assert "no longer had" in hub.last_event(account, kind="categories").text


def test_a_deletion_whose_answer_is_lost_is_looked_up_and_not_repeated(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    box.block(address(box, DELETE_CALL), hub.LOST)
    assert delete(maths) is True
    assert calls(box, DELETE_CALL) == 1
    assert paths(account) == []


def test_a_deletion_that_never_arrived_changes_nothing(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    box.block(address(box, DELETE_CALL), Answer(close=True))
    with pytest.raises(Temporary):
        delete(maths)
    assert (there(account), paths(account)) == (["数学"], ["数学"])


def test_a_deleted_category_that_is_referred_to_stays_marked_as_gone(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    (row,) = hub.publish(hub.add_video(), account)
    Publication.objects.filter(pk=row.pk).update(category=maths.remote_id, state=State.DELETED)
    delete(maths)
    maths.refresh_from_db()
    assert maths.gone_at is not None
    assert paths(account) == []


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_nothing_of_a_platforms_own_list_is_deleted(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    taking.sync(account, actor="li")
    box.requests.clear()
    first = account.categories.first()
    assert first is not None
    with pytest.raises(Unsupported):
        delete(first)
    assert len(box.requests) == 0


def test_a_look_goes_before_each_call_that_adds(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    add(account, "数学")
    assert [calls(box, each) for each in (LOOK_CALL, ADD_CALL)] == [1, 1]


@pytest.mark.usefixtures("noon")
def test_the_calls_are_counted(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    before = Account.objects.get(pk=account.pk).calls_made
    add(account, "数学")
    assert Account.objects.get(pk=account.pk).calls_made == before + 2


def test_a_mapping_to_a_deleted_category_is_told_and_stops_publishing_with_it(box: Sandbox) -> None:
    account, (maths,) = grown(box, "数学")
    education = HubCategory.objects.create(name="教育")
    mapping.save(education, {account.pk: str(maths.remote_id)}, actor="li")
    delete(maths)
    assert CategoryMapping.objects.get().category.gone_at is not None
    (place,) = mapping.places(education)
    assert place.gone == "数学"
