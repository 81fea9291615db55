"""The page of categories: a tree with counts, and what people do with one category on its platform."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from platforms import tasks
from platforms.models import Account, Category, HubCategory, Publication
from platforms.services.categories import mapping, taking, tree
from platforms.values import State
from tests import hub
from tests.admin.posting import text, told
from tests.admin.rows import staff
from tests.services.category_trees import driver, grow, grown, there

pytestmark = pytest.mark.django_db
PLATFORMS = ("youku", "iqiyi", "baijiayun")
MAY = (
    "view_category",
    "add_category",
    "change_category",
    "delete_category",
    "view_publication",
    "add_video",
    "add_publication",
)


@pytest.fixture
def client() -> Client:
    return staff(*MAY)


def page_of(account: Account, **query: str) -> str:
    words = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{reverse('admin:platforms_category_changelist')}?account={account.pk}{words}"


def add_page(account: Account, parent: str = "") -> str:
    return f"{reverse('admin:platforms_category_add')}?account={account.pk}&parent={parent}"


def verb(category: Category, name: str) -> str:
    return reverse(f"admin:platforms_category_{name}", args=[category.pk])


def put_in(account: Account, category: Category, count: int = 1, **columns: str) -> None:
    for _ in range(count):
        (row,) = hub.publish(hub.add_video(), account)
        Publication.objects.filter(pk=row.pk).update(
            **{"category": category.remote_id, "state": State.PUBLISHED} | columns
        )  # fmt: skip


def test_the_tree_is_indented_and_counts_with_those_below(box, client):
    account, (maths, third) = grown(box, "数学", "三年级")
    put_in(account, maths)
    put_in(account, third, 2)
    put_in(account, third, state=State.DELETED)
    page = client.get(page_of(account)).content.decode()
    assert re.search(r'class="level-1">数学</th>', page)
    assert re.search(r'class="level-2">三年级</th>', page)
    assert "(3 with those below)" in page
    link = re.search(r'<a href="([^"]+)">2</a>', page)
    assert link
    listed = client.get(link.group(1).replace("&amp;", "&"))
    assert listed.context["cl"].result_count == 2


def test_what_the_platform_says_goes_before_what_was_asked_for(box, client):
    account, (maths, third) = grown(box, "数学", "三年级")
    put_in(account, maths, remote_category=str(third.remote_id))
    assert tree.counts(account) == {third.remote_id: 1}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_account_has_its_page_and_only_trees_can_be_changed(box, client, platform):
    account = hub.add_account(box, platform)
    if platform == "baijiayun":
        grow(account, "数学")
    client.post(reverse("admin:platforms_category_sync", args=[account.pk]))
    page = client.get(page_of(account)).content.decode()
    assert ("Add below" in page) is (platform == "baijiayun")
    assert ("platform's own list" in page) is (platform != "baijiayun")
    assert page.count('scope="row"') == account.categories.count() > 0


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_a_platforms_own_list_is_shown_before_it_was_ever_asked_for(client, platform):
    account = Account.objects.create(name="a", platform=platform)
    assert "Education" in text(client.get(page_of(account)))


def test_syncing_says_what_it_brought(box, client):
    account = hub.add_account(box, "baijiayun")
    grow(account, "数学")
    answer = client.post(reverse("admin:platforms_category_sync", args=[account.pk]), follow=True)
    assert "1 new, 0 changed, 0 gone" in told(answer)
    answer = client.post(reverse("admin:platforms_category_sync", args=[account.pk]), follow=True)
    assert "as they were" in told(answer)


def test_a_failed_sync_says_why(box, client):
    account = hub.add_account(box, "baijiayun")
    box.block("/baijiayun", hub.LOST, times=10)
    answer = client.post(reverse("admin:platforms_category_sync", args=[account.pk]), follow=True)
    assert "bj" in told(answer)
    assert answer.status_code == 200


def test_a_category_is_added_below_another(box, client):
    account, (maths,) = grown(box, "数学")
    page = client.get(add_page(account, str(maths.remote_id)))
    assert f'value="{maths.remote_id}" selected' in page.content.decode()
    answer = client.post(add_page(account), {"parent": maths.remote_id, "name": "三年级"}, follow=True)
    assert "数学 / 三年级" in told(answer)
    assert there(account) == ["数学", "三年级"]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "长" * 201}, "name", "200"),
        ({"name": "数学"}, "name", "already"),
        ({"name": "六", "parent": "DEEPEST"}, "parent", "5 levels"),
        ({"name": "三年级", "parent": "ANOTHER"}, "parent", "no category of this account"),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field(box, client, given, field, words):
    account, categories = grown(box, "数学", "二", "三", "四", "五")
    other = hub.add_account(box, "baijiayun", "other")
    foreign = Category.objects.create(account=other, remote_id="9999", name="别人的", path="别人的")
    stand_ins = {"DEEPEST": categories[-1].remote_id, "ANOTHER": foreign.remote_id}
    data = {name: stand_ins.get(value, value) for name, value in given.items()}
    answer = client.post(add_page(account), {"parent": ""} | data)
    assert words in " ".join(answer.context["form"].errors[field])
    assert len(there(account)) == 5


def test_a_refresh_takes_in_what_is_below(box, client):
    account, (maths,) = grown(box, "数学")
    driver(account).add_category("三年级", str(maths.remote_id))
    answer = client.post(verb(maths, "refresh"), follow=True)
    assert "1 new" in told(answer)
    assert "三年级" in text(client.get(page_of(account)))


def test_deleting_asks_first_and_says_what_hangs_on_it(box, client):
    account, (maths,) = grown(box, "数学")
    put_in(account, maths)
    mapping.save(HubCategory.objects.create(name="教育"), {account.pk: str(maths.remote_id)}, actor="li")
    page = text(client.get(verb(maths, "delete")))
    assert "1 publication in it" in page
    assert "教育" in page
    assert there(account) == ["数学"]


def test_an_empty_category_is_deleted_and_one_that_was_gone_is_said_to_be(box, client):
    account, (maths, third) = grown(box, "数学", "三年级")
    answer = client.post(verb(third, "delete"), {"confirm": "yes"}, follow=True)
    assert "was deleted" in told(answer)
    driver(account).delete_category(str(maths.remote_id))
    answer = client.post(verb(maths, "delete"), {"confirm": "yes"}, follow=True)
    assert "already gone" in told(answer)
    assert there(account) == []


def test_the_platforms_reason_is_shown_when_it_refuses(box, client):
    account, (maths,) = grown(box, "数学")
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    driver(account).set_category(str(row.remote_id), str(maths.remote_id))
    answer = client.post(verb(maths, "delete"), {"confirm": "yes"}, follow=True)
    assert "分类下有视频" in told(answer)
    assert there(account) == ["数学"]


def test_the_videos_of_a_category_are_shown_with_what_the_hub_has_of_them(box, client):
    account, (maths,) = grown(box, "数学")
    rows = [hub.publish(hub.add_video(), account)[0] for _ in range(2)]
    hub.work(rows)
    for row in rows:
        driver(account).set_category(str(row.remote_id), str(maths.remote_id))
    Publication.objects.filter(pk=rows[1].pk).update(remote_id="another")
    page = text(client.get(verb(maths, "videos")))
    assert "2 videos on the platform" in page
    assert page.count("Not in the hub") == 1


def test_the_videos_of_a_category_are_brought_in_by_workers(box, client):
    account, (maths, third) = grown(box, "数学", "三年级")
    rows = [hub.publish(hub.add_video(), account)[0] for _ in range(2)]
    hub.work(rows)
    driver(account).set_category(str(rows[0].remote_id), str(third.remote_id))
    ids = [str(row.remote_id) for row in rows]
    Publication.objects.all().delete()
    assert "Bring all of them" in text(client.get(verb(maths, "videos")))
    client.post(verb(maths, "import"))
    tasks.run_imports()
    row = Publication.objects.get()
    assert (row.remote_id, row.remote_category) == (ids[0], third.remote_id)
    assert tree.counts(account) == {third.remote_id: 1}
    assert "Bring all of them" not in text(client.get(verb(maths, "videos")))


def test_a_gone_category_that_is_referred_to_stands_apart(box, client):
    account, (maths,) = grown(box, "数学")
    put_in(account, maths)
    driver(account).delete_category(str(maths.remote_id))
    taking.sync(account, actor="li")
    page = text(client.get(page_of(account)))
    assert "No longer on the platform" in page
    assert "knows no category" in page


def test_a_long_tree_can_be_searched(box, client):
    account, _categories = grown(box, "数学", "三年级")
    Category.objects.bulk_create(
        Category(account=account, remote_id=f"x{number}", name=f"专题 {number}", path=f"专题 {number}")
        for number in range(20)
    )
    page = text(client.get(page_of(account, q="三年")))
    assert "数学 / 三年级" in page
    assert "专题" not in page


def test_whoever_may_only_view_gets_no_buttons_and_is_refused(box):
    account, (maths,) = grown(box, "数学")
    viewer = staff("view_category")
    page = viewer.get(page_of(account)).content.decode()
    for word in ("Add below", "Refresh", "Delete…", "Sync from"):
        assert word not in page
    assert viewer.post(verb(maths, "refresh")).status_code == 403
    assert viewer.post(verb(maths, "delete"), {"confirm": "yes"}).status_code == 403
    assert viewer.get(add_page(account)).status_code == 403
    assert staff("view_video").get(page_of(account)).status_code == 403
    assert there(account) == ["数学"]


def test_an_account_with_categories_can_be_deleted(box):
    account, _categories = grown(box, "数学")
    answer = staff("view_account", "delete_account").post(
        reverse("admin:platforms_account_delete", args=[account.pk]), {"post": "yes"}
    )  # fmt: skip
    assert answer.status_code == 302
    assert not Category.objects.exists()


@pytest.mark.parametrize("name", ["change", "delete"])
def test_a_category_that_no_id_names_is_not_found(client, name):
    assert client.get(f"/admin/platforms/category/abc/{name}/").status_code == 404


def test_the_address_of_a_category_leads_only_those_to_the_tree_who_may_see_it(box):
    _account, (maths,) = grown(box, "数学")
    address = reverse("admin:platforms_category_change", args=[maths.pk])
    assert staff("view_video").get(address).status_code == 403
    assert staff("view_category").get(address).status_code == 302
