"""An account's categories come in as the platform has them, whatever was renamed, moved or deleted there."""

from __future__ import annotations

import pytest
from django.db import connection

from platforms.contract import HasCategories, HasCategoryTree
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import Gone, LoginExpired, Temporary, Unsupported
from platforms.models import Account, Category, CategoryMapping, HubCategory, Publication
from platforms.registry import driver_class
from platforms.services import accounts, lending
from platforms.services.categories import taking, tree
from platforms.values import RemoteCategory
from sandbox.server import Sandbox
from tests import hub
from tests.services.category_trees import driver, grow, paths

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
PLATFORMS = ("youku", "iqiyi", "baijiayun")


def sync(account: Account) -> taking.Counts:
    return taking.sync(account, actor="li")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_second_pass_changes_nothing(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    if isinstance(lending.driver_for(account), HasCategoryTree):
        grow(account, "数学")
    assert issubclass(driver_class(platform), HasCategories), f"skipped: {platform} has no categories"
    first = sync(account)
    assert (first.created, first.updated, first.missing) == (account.categories.count(), 0, 0)
    assert first.created > 0
    assert sync(account) == taking.Counts()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_may_be_chosen_is_the_same_before_and_after_the_first_pass(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    before = {node.name for node in tree.nodes(account)}
    sync(account)
    assert {node.name for node in tree.nodes(account)} == before
    assert bool(before) is not tree.has_tree(account)


def test_a_tree_of_five_levels_comes_in_with_its_paths(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    names = ["数学", "三年级", "上册", "第一单元", "认识分数"]
    grow(account, *names)
    grow(account, "语文")
    sync(account)
    assert paths(account) == [" / ".join(names[:level]) for level in range(1, 6)] + ["语文"]
    assert [node.category.level for node in tree.nodes(account)] == [1, 2, 3, 4, 5, 1]


def test_another_name_reaches_the_paths_of_all_below(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    account = hub.add_account(box, "baijiayun")
    grow(account, "数学", "三年级", "上册")
    sync(account)
    listed = driver(account).list_categories()
    renamed = (RemoteCategory(listed[0].remote_id, "算术"), *listed[1:])
    monkeypatch.setattr(Baijiayun, "list_categories", lambda self: renamed)
    assert sync(account) == taking.Counts(updated=3)
    assert paths(account) == ["算术", "算术 / 三年级", "算术 / 三年级 / 上册"]


def test_a_category_that_stands_elsewhere_now_moves_with_all_below(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = hub.add_account(box, "baijiayun")
    maths, third = grow(account, "数学", "三年级")
    (chinese,) = grow(account, "语文")
    sync(account)
    moved = (
        RemoteCategory(maths, "数学"),
        RemoteCategory(chinese, "语文"),
        RemoteCategory(third, "三年级", chinese, 2),
    )
    monkeypatch.setattr(Baijiayun, "list_categories", lambda self: moved)
    assert sync(account).updated == 1
    assert paths(account) == ["数学", "语文", "语文 / 三年级"]


def test_what_disappeared_is_removed_unless_something_refers_to_it(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    used, mapped, unused = (grow(account, name)[0] for name in ("有视频", "有对应", "没人用"))
    sync(account)
    (row,) = hub.publish(hub.add_video(), account)
    Publication.objects.filter(pk=row.pk).update(category=used)
    mapping = HubCategory.objects.create(name="教育")
    CategoryMapping.objects.create(
        hub_category=mapping, account=account, category=Category.objects.get(remote_id=mapped)
    )  # fmt: skip
    for remote_id in (used, mapped, unused):
        driver(account).delete_category(remote_id)
    assert sync(account) == taking.Counts(missing=3)
    assert {row.remote_id: row.gone_at is not None for row in account.categories.all()} == {used: True, mapped: True}
    assert tree.nodes(account) == []
    assert "gone" in tree.named(account, used)
    assert sync(account) == taking.Counts()


def test_a_parent_stays_with_a_child_that_is_referred_to(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    maths, third = grow(account, "数学", "三年级")
    sync(account)
    (row,) = hub.publish(hub.add_video(), account)
    Publication.objects.filter(pk=row.pk).update(category=third)
    for remote_id in (third, maths):
        driver(account).delete_category(remote_id)
    sync(account)
    assert set(account.categories.values_list("remote_id", flat=True)) == {maths, third}


def test_what_is_there_again_is_gone_no_longer(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    (maths,) = grow(account, "数学")
    sync(account)
    Category.objects.update(gone_at=account.created_at)
    assert sync(account) == taking.Counts(updated=1)
    assert [node.category.remote_id for node in tree.nodes(account)] == [maths]


def test_a_thousand_categories_take_few_statements(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
) -> None:
    account = hub.add_account(box, "baijiayun")
    listed = tuple(RemoteCategory(str(number), f"第 {number} 类") for number in range(1, 1001))
    monkeypatch.setattr(Baijiayun, "list_categories", lambda self: listed)
    with django_assert_max_num_queries(20):
        assert sync(account).created == 1000
    with django_assert_max_num_queries(20):
        assert sync(account) == taking.Counts()


def test_a_list_that_was_asked_for_before_another_was_stored_is_asked_for_again(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = hub.add_account(box, "baijiayun")
    listing, stale = Baijiayun.list_categories, list[tuple[RemoteCategory, ...]]()

    def slow(self: Baijiayun) -> tuple[RemoteCategory, ...]:
        listed = listing(self)
        if not stale:
            stale.append(listed)
            grow(account, "数学")
            taking.sync(Account.objects.get(pk=account.pk), actor="wang")
        return listed

    monkeypatch.setattr(Baijiayun, "list_categories", slow)
    assert sync(account) == taking.Counts()
    assert paths(account) == ["数学"]


@pytest.mark.django_db(transaction=True)
def test_passes_at_the_same_time_make_one_tree(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    names = ["数学", "三年级", "上册"]
    grow(account, *names)
    hub.join([hub.Worker(lambda: sync(Account.objects.get(pk=account.pk))) for _ in range(4)])
    assert paths(account) == ["数学", "数学 / 三年级", "数学 / 三年级 / 上册"]
    assert account.categories.count() == len(names)


def test_a_failed_list_makes_nothing_missing(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    grow(account, "数学")
    sync(account)
    box.block("/baijiayun", hub.LOST, times=10)
    with pytest.raises(Temporary):
        sync(account)
    assert paths(account) == ["数学"]


def test_an_account_whose_credentials_are_wrong_needs_a_person(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    accounts.save_account("bj", "baijiayun", {"partner_key": "wrong", "secret_key": "wrong"}, {}, actor="test")
    with pytest.raises(LoginExpired):
        sync(Account.objects.get(pk=account.pk))
    assert hub.reason_of(Account.objects.get(pk=account.pk))


def test_one_category_is_refreshed_with_those_below_it(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    maths, _third = grow(account, "数学", "三年级")
    sync(account)
    fourth = driver(account).add_category("四年级", maths).remote_id
    driver(account).delete_category(_third)
    (elsewhere,) = grow(account, "语文")
    counts = taking.refresh(Category.objects.get(remote_id=maths), actor="li")
    assert (counts.created, counts.missing) == (1, 1)
    assert [node.category.remote_id for node in tree.nodes(account)] == [maths, fourth]
    assert elsewhere not in account.categories.values_list("remote_id", flat=True)


def test_refreshing_one_that_is_gone_says_so_and_removes_it(box: Sandbox) -> None:
    account = hub.add_account(box, "baijiayun")
    (maths,) = grow(account, "数学")
    sync(account)
    driver(account).delete_category(maths)
    with pytest.raises(Gone):
        taking.refresh(Category.objects.get(remote_id=maths), actor="li")
    assert not account.categories.exists()


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_a_platforms_own_list_is_not_refreshed_one_by_one(box: Sandbox, platform: str) -> None:
    account = hub.add_account(box, platform)
    sync(account)
    first = account.categories.first()
    assert first is not None
    with pytest.raises(Unsupported):
        taking.refresh(first, actor="li")


def test_publications_are_counted_with_those_below_in_one_statement(box: Sandbox, django_assert_num_queries) -> None:
    account = hub.add_account(box, "baijiayun")
    maths, third = grow(account, "数学", "三年级")
    sync(account)
    for category, count in ((maths, 2), (third, 3)):
        for _ in range(count):
            (row,) = hub.publish(hub.add_video(), account)
            Publication.objects.filter(pk=row.pk).update(category=category)
    with django_assert_num_queries(1):
        assert tree.counts(account) == {maths: 2, third: 3}
    assert [(node.own, node.total) for node in tree.nodes(account, counted=True)] == [(2, 5), (3, 3)]


def test_counting_neither_reads_other_accounts_nor_sorts(box: Sandbox) -> None:
    if connection.vendor != "sqlite":
        return
    account = hub.add_account(box, "baijiayun")
    sql, params = tree.counted(account).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = " ".join(str(line[-1]) for line in cursor.fetchall())
    assert "INDEX publication_stands_in" in plan
    assert "TEMP B-TREE" not in plan
