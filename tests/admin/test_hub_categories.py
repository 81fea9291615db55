"""A hub category's page: a row an account; and the forms in which a video's category is chosen once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse

from platforms.models import Account, Category, CategoryMapping, HubCategory, Publication, Video
from platforms.services import publishing
from platforms.services.files import media
from platforms.services.metadata import changing
from tests import hub
from tests.admin.posting import ADD, add_one_account_each, form, sample, text
from tests.admin.rows import staff

pytestmark = pytest.mark.django_db
NEW = "/admin/platforms/hubcategory/add/"


@pytest.fixture
def client() -> Client:
    return staff(
        "view_hubcategory", "add_hubcategory", "change_hubcategory", "add_video", "view_video", "add_publication"
    )


def tree_on(account: Account, *names: str) -> list[Category]:
    """Categories as a sync leaves them, each below the one before."""
    found: list[Category] = []
    for number, name in enumerate(names, 1):
        path = " / ".join(names[:number])
        parent = found[-1] if found else None
        found.append(
            Category.objects.create(
                account=account, remote_id=f"{account.pk}{number}", name=name, path=path, level=number, parent=parent
            )
        )
    return found


def page_of(hub_category: HubCategory) -> str:
    return reverse("admin:platforms_hubcategory_change", args=[hub_category.pk])


def choose(youku: Account, baijiayun: Account, category: Category) -> dict[str, str]:
    return {"name": "教育", f"account-{youku.pk}": "科技", f"account-{baijiayun.pk}": str(category.remote_id)}


def test_a_row_an_account_is_saved_and_shown(client):
    youku, iqiyi, baijiayun = add_one_account_each()
    _maths, third = tree_on(baijiayun, "数学", "三年级")
    answer = client.post(NEW, choose(youku, baijiayun, third), follow=True)
    assert "数学 / 三年级" in text(answer)
    mapped = {row.account: row.category.remote_id for row in CategoryMapping.objects.all()}
    assert mapped == {youku: "科技", baijiayun: third.remote_id}
    page = client.get(page_of(HubCategory.objects.get()))
    assert len(re.findall(r'<option value="[^"]+" selected', page.content.decode())) == 2
    assert "Nothing chosen" in text(page)
    assert iqiyi.name in text(page)


def test_a_choice_is_taken_back(client):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")
    client.post(NEW, choose(youku, baijiayun, maths))
    client.post(page_of(HubCategory.objects.get()), {"name": "教育", f"account-{baijiayun.pk}": maths.remote_id})
    assert [row.account for row in CategoryMapping.objects.all()] == [baijiayun]


def test_a_category_of_another_account_is_refused_by_name(client):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")
    answer = client.post(NEW, {"name": "教育", f"account-{youku.pk}": maths.remote_id})
    (error,) = answer.context["adminform"].form.errors[f"account-{youku.pk}"]
    assert "no category of this account" in error
    assert not HubCategory.objects.exists()


@pytest.mark.parametrize(("name", "words"), [("", "required"), ("长" * 101, "100"), (" 教育 ", "already")])
def test_a_name_that_is_empty_too_long_or_taken_is_refused(client, name, words):
    HubCategory.objects.create(name="教育")
    answer = client.post(NEW, {"name": name})
    assert words in " ".join(answer.context["adminform"].form.errors["name"])


def test_an_account_without_categories_says_so(client):
    add_one_account_each()
    assert "knows no category of this account" in text(client.get(NEW))


def test_a_mapping_to_what_is_gone_says_so_and_is_kept_until_another_is_chosen(client):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")
    client.post(NEW, choose(youku, baijiayun, maths))
    Category.objects.filter(pk=maths.pk).update(gone_at=baijiayun.created_at)
    page = page_of(HubCategory.objects.get())
    assert "no longer has “数学”" in text(client.get(page))
    assert client.post(page, choose(youku, baijiayun, maths)).status_code == 302
    assert CategoryMapping.objects.filter(category=maths).exists()


def test_the_form_that_adds_a_video_gives_each_account_its_own(client, intake: Path):
    youku, iqiyi, baijiayun = add_one_account_each()
    _maths, third = tree_on(baijiayun, "数学", "三年级")
    client.post(NEW, choose(youku, baijiayun, third))
    education = HubCategory.objects.get()
    page = client.get(ADD).content.decode()
    assert f'name="baijiayun-category-{baijiayun.pk}"' in page
    assert "\u3000三年级" in page
    client.post(ADD, form([youku, iqiyi, baijiayun], file=sample(), category=education.pk, iqiyi__category="12"))
    rows = {row.account: row.category for row in Publication.objects.all()}
    assert rows == {youku: "科技", iqiyi: "12", baijiayun: third.remote_id}
    assert Video.objects.get().category == education


def test_no_category_can_be_chosen_in_place_of_the_videos_own(client, intake: Path):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")
    client.post(NEW, choose(youku, baijiayun, maths))
    chosen = HubCategory.objects.get().pk
    client.post(ADD, form([youku], file=sample(), category=chosen, youku__category="-"))
    assert Publication.objects.get().category == ""


def test_the_page_that_publishes_a_video_says_what_its_category_stands_for(client):
    youku, _iqiyi, baijiayun = add_one_account_each()
    _maths, third = tree_on(baijiayun, "数学", "三年级")
    client.post(NEW, choose(youku, baijiayun, third))
    video = Video.objects.create(title="课", category=HubCategory.objects.get())
    page = text(client.get(reverse("admin:platforms_video_publish", args=[video.pk])))
    assert "As the video's category: 数学 / 三年级" in page
    assert "As the video's category: none here" in page


def test_a_long_tree_is_made_searchable(client, intake: Path):
    _youku, _iqiyi, baijiayun = add_one_account_each()
    Category.objects.bulk_create(
        Category(account=baijiayun, remote_id=str(number), name=f"专题 {number}", path=f"专题 {number}")
        for number in range(20)
    )
    page = client.get(ADD)
    field = page.context["form"][f"baijiayun-category-{baijiayun.pk}"]
    assert "data-search" in field.as_widget()
    assert 'data-path="专题 7"' in field.as_widget()
    assert "category_select.js" in page.content.decode()


def test_a_category_that_vanishes_while_it_is_saved_is_told_at_its_field_and_nothing_is_saved(client):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")

    def vanish(**_of: Any) -> None:
        Category.objects.filter(pk=maths.pk).delete()

    post_save.connect(vanish, sender=HubCategory)
    try:
        answer = client.post(NEW, choose(youku, baijiayun, maths))
    finally:
        post_save.disconnect(vanish, sender=HubCategory)
    (error,) = answer.context["adminform"].form.errors[f"account-{baijiayun.pk}"]
    assert error.startswith(f"{baijiayun.name} has no category “{maths.remote_id}”")
    assert not HubCategory.objects.exists()
    assert not CategoryMapping.objects.exists()


def test_a_category_that_vanished_since_the_page_was_opened_is_told_at_its_field(client, intake: Path):
    youku, _iqiyi, baijiayun = add_one_account_each()
    (maths,) = tree_on(baijiayun, "数学")
    chosen = choose(youku, baijiayun, maths)
    maths.delete()
    answer = client.post(NEW, chosen)
    assert f"account-{baijiayun.pk}" in answer.context["adminform"].form.errors
    field = f"baijiayun-category-{baijiayun.pk}"
    tree_on(baijiayun, "语文")
    answer = client.post(ADD, form([baijiayun], file=sample()) | {field: "gone"})
    assert "no category of this account" in text(answer)
    assert not Video.objects.exists()
    assert not HubCategory.objects.exists()


def test_a_hub_category_that_was_deleted_since_the_page_was_opened_is_told_at_its_field(client, intake: Path):
    youku, _iqiyi, _baijiayun = add_one_account_each()
    gone = HubCategory.objects.create(name="教育").pk
    HubCategory.objects.all().delete()
    answer = client.post(ADD, form([youku], file=sample(), category=gone))
    assert "category" in answer.context["form"].errors
    assert not Video.objects.exists()


def test_a_hub_category_that_is_deleted_while_a_video_is_saved_is_taken_from_it(client):
    education = HubCategory.objects.create(name="教育")
    gone = education.pk
    video = Video.objects.create(title="课")
    education.delete()
    made = publishing.create_video(media.keep_copy(hub.SAMPLE), publishing.Metadata("课", category_id=gone))
    assert made.category is None
    seen = changing.values(video)
    changing.save(video, seen | {"title": "另一课", "category": str(gone)}, seen=seen, actor="li")
    video.refresh_from_db()
    assert (video.title, video.category) == ("另一课", None)
