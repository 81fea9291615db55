"""What people do with videos on platforms: asked for on one page, for one or many, and accounted for on another."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from platforms.models import Account, Category, CategoryMapping, HubCategory, Operation, OperationState, Publication
from platforms.services import accounts
from platforms.services.operations import asking
from platforms.services.operations.showing import BLOCK
from platforms.values import State
from tests.admin.posting import CREDENTIALS, hidden, text, told
from tests.admin.rows import add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"
VIDEOS = "/admin/platforms/video/"
OPERATIONS = "/admin/platforms/operation/"


@pytest.fixture
def client() -> Client:
    return staff("view_publication", "change_publication", "view_video", "change_video")


def row(platform: str, state: State = State.PUBLISHED, name: str = "", **columns: Any) -> Publication:
    account, _new = accounts.save_account(name or platform, platform, CREDENTIALS[platform], {}, actor="test")
    number = Publication.objects.count()
    return add_publication(account, state, **{"remote_id": f"id-{number}", **columns})


def act(kind: str) -> str:
    return f"{LIST}act/{kind}/"


def yes(*rows: Publication, **more: Any) -> dict[str, Any]:
    return {"ids": ",".join(str(one.pk) for one in rows), "confirm": "yes", **more}


def operations(**of: Any) -> list[Operation]:
    return list(Operation.objects.filter(**of).order_by("pk"))


def ended(operation: Operation, state: OperationState, text: str = "") -> None:
    error = {"text": text, "params": {}} if text else None
    Operation.objects.filter(pk=operation.pk).update(
        state=state, ended_at=timezone.now(), next_run_at=None, error=error
    )


def test_the_page_says_for_each_platform_what_will_happen_and_counts_what_is_left_alone(client):
    rows = [row("baijiayun"), row("baijiayun", State.BLOCKED), row("youku"), row("youku"), row("iqiyi")]
    answer = client.post(LIST, {"action": "block", "_selected_action": [one.pk for one in rows]})
    page = text(answer)
    assert "Baijiayun 1 video The platform stops showing it." in page
    assert "4 are left alone 2 Youku does not let videos be blocked from outside." in page
    assert "1 It is “Blocked”." in page
    assert "1 iQiyi does not let videos be blocked from outside." in page
    assert hidden(answer, "ids") == str(rows[0].pk)
    assert operations() == []


def test_yes_asks_for_it_and_leads_to_what_becomes_of_it(client):
    rows = [row("baijiayun"), row("baijiayun"), row("youku")]
    answer = client.post(act("block"), yes(*rows), follow=True)
    assert "2 videos are being blocked. 1 skipped: Youku does not let videos be blocked from outside." in told(answer)
    assert [(one.kind, one.state, one.asked_by) for one in operations()] == [("block", "waiting", "staff-0")] * 2
    page = text(answer)
    assert "Waiting 2" in page
    assert "2 videos, asked for by staff-0" in page
    assert "2 are not done." in page


def test_for_one_video_it_goes_back_to_its_page_whose_card_shows_it(client):
    one = row("baijiayun")
    answer = client.post(act("block"), yes(one))
    assert answer.headers["Location"] == f"{LIST}{one.pk}/change/"
    page = client.get(answer.headers["Location"])
    assert "The video on its platform" in text(page)
    assert re.search(r"Block Waiting .*staff-0", text(page))
    assert f"{OPERATIONS}{operations()[0].pk}/cancel/" in page.content.decode()


def test_the_card_offers_what_is_possible_and_says_what_the_platform_lacks(client):
    page = text(client.get(f"{LIST}{row('youku').pk}/change/"))
    assert "Youku does not offer: " in page
    assert "Block…" not in page
    blocked = client.get(f"{LIST}{row('baijiayun', State.BLOCKED).pk}/change/")
    assert "Unblock…" in text(blocked)
    assert "Block…" not in text(blocked).replace("Unblock…", "")
    assert "Delete source file…" not in text(blocked), "it takes the permission to delete"


def test_definitions_are_chosen_and_the_server_checks_them(client):
    one = row("baijiayun")
    page = text(client.post(act("transcode"), yes(one)))
    assert "Nothing has happened yet." in page
    assert "Choose at least one." in page
    client.post(act("transcode"), yes(one, **{"baijiayun-definitions": ["99"]}))
    assert operations() == []
    chosen = {"baijiayun-definitions": ["4", "8"], "baijiayun-formats": ["1"]}
    client.post(act("transcode"), yes(one, **chosen))
    assert operations()[0].arguments == {"definitions": ["4", "8"], "formats": ["1"]}
    assert "Definitions: 720p, 1080p · Formats: MP4" in text(client.get(f"{LIST}{one.pk}/change/"))


def test_each_account_has_a_category_of_its_own_to_move_to(client):
    rows = [row("baijiayun", name="one"), row("baijiayun", name="two")]
    for place, one in enumerate(rows):
        Category.objects.create(account=one.account, remote_id=f"7{place}", name="数学", level=1, path="数学")
    names = [f"baijiayun-account-{one.account_id}-category" for one in rows]
    answer = client.get(act("move"), {"ids": f"{rows[0].pk},{rows[1].pk}"}).content.decode()
    assert all(f'name="{name}"' in answer for name in names)
    refused = client.post(act("move"), yes(*rows, **{names[0]: "70", names[1]: "70"}))
    assert "Nothing has happened yet." in text(refused)
    client.post(act("move"), yes(*rows, **{names[0]: "70", names[1]: "71"}))
    assert {one.publication: one.arguments["category"] for one in operations()} == {rows[0]: "70", rows[1]: "71"}


def test_what_destroys_takes_the_permission_to_delete(client):
    one = row("baijiayun")
    for kind in ("remove_definitions", "delete_sources", "remove"):
        assert client.get(act(kind), {"ids": str(one.pk)}).status_code == 403
        assert client.post(act(kind), yes(one)).status_code == 403
    may_delete = staff("view_publication", "delete_publication")
    assert may_delete.get(act("block"), {"ids": str(one.pk)}).status_code == 403
    assert may_delete.get(act("delete_sources"), {"ids": str(one.pk)}).status_code == 200
    assert client.get(act("nonsense"), {"ids": str(one.pk)}).status_code == 404


def test_the_list_of_videos_does_it_for_all_of_their_publications(client):
    one = row("baijiayun")
    other, _new = accounts.save_account("other", "youku", CREDENTIALS["youku"], {}, actor="test")
    Publication.objects.create(
        video=one.video, account=other, state=State.PUBLISHED, remote_id="X", state_at=timezone.now()
    )
    answer = client.post(VIDEOS, {"action": "block", "_selected_action": [one.video_id]})
    assert "Baijiayun 1 video" in text(answer)
    assert "1 Youku does not let videos be blocked from outside." in text(answer)
    assert hidden(answer, "ids") == str(one.pk)


# What became of it --------------------------------------------------------------------------------------------------


def batch(*rows: Publication) -> str:
    return f"{OPERATIONS}batch/{asking.ask(BLOCK, rows, actor='li').batch}/"


def test_a_partial_failure_leaves_an_exact_account_and_what_failed_is_tried_again(client):
    rows = [row("baijiayun") for _number in range(3)]
    url = batch(*rows)
    done, failed, waiting = operations()
    ended(done, OperationState.DONE)
    ended(failed, OperationState.FAILED, "Not today.")
    page = text(client.get(url))
    assert "Waiting 1 Done 1 Failed 1" in page
    assert "2 are not done." in page
    assert "Not today." in page
    answer = client.post(f"{url}again/", follow=True)
    assert "1 is tried again." in told(answer)
    assert "Waiting 2 Done 1" in text(answer)
    (again,) = operations(publication=failed.publication, tried_again=False)
    assert (again.publication_id, again.batch, again.state) == (failed.publication_id, failed.batch, "waiting")
    assert client.post(f"{url}again/", follow=True).status_code == 200
    assert len(operations()) == 4, "however often the button is pressed"
    answer = client.post(f"{url}cancel/", follow=True)
    assert "2 were cancelled." in told(answer)
    assert [one.state for one in operations()] == ["done", "failed", "cancelled", "cancelled"]
    assert waiting.publication.events.filter(kind="block", actor="staff-0").exists()


def test_what_nobody_knows_the_outcome_of_is_tried_again_only_by_itself(client):
    url = batch(row("baijiayun"))
    (operation,) = operations()
    ended(operation, OperationState.UNKNOWN)
    client.post(f"{url}again/")
    assert len(operations()) == 1
    assert "1 is tried again." in told(client.post(f"{OPERATIONS}{operation.pk}/again/", follow=True))
    assert len(operations()) == 2


def test_one_is_cancelled_before_it_begins_and_not_afterwards(client):
    batch(row("baijiayun"))
    (operation,) = operations()
    cancel = f"{OPERATIONS}{operation.pk}/cancel/"
    assert "It was cancelled." in told(client.post(cancel, follow=True))
    assert "cannot be cancelled any more" in told(client.post(cancel, follow=True))


def test_the_account_can_be_taken_along_as_a_table_that_runs_nothing(client):
    one = row("baijiayun", title="=HYPERLINK(1)")
    answer = client.get(f"{batch(one)}csv/")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][:2] == ["Publication", "Video"]
    assert table[1][1] == "'=HYPERLINK(1)"
    assert table[1][5:7] == ["Block", "Waiting"]


def test_who_may_not_do_it_may_not_try_it_again_either():
    url = batch(row("baijiayun"))
    (operation,) = operations()
    looker, stranger = staff("view_publication"), staff("view_video")
    assert looker.get(url).status_code == 200
    assert "Cancel" not in text(looker.get(url))
    for address in (f"{url}again/", f"{url}cancel/", f"{OPERATIONS}{operation.pk}/cancel/"):
        assert looker.post(address).status_code == 403
        assert looker.get(address).status_code in (403, 405)
    assert stranger.get(url).status_code == 403
    assert stranger.get(OPERATIONS).status_code == 403
    assert looker.get(f"{OPERATIONS}batch/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_the_list_is_filtered_by_state_kind_and_account(client):
    batch(row("baijiayun", name="one"), row("baijiayun", name="two"))
    first, _second = operations()
    ended(first, OperationState.DONE)
    of_one = f"?publication__account__id__exact={first.publication.account_id}"
    both = "?kind=block&state__exact=done"
    found = {"": 2, "?state__exact=done": 1, "?kind=block": 2, "?kind=transcode": 0, both: 1, of_one: 1}
    for query, count in found.items():
        assert len(client.get(OPERATIONS + query).context["cl"].result_list) == count, query
    assert client.get(f"{OPERATIONS}{first.pk}/change/").status_code == 200


def placed(name: str, **remote_ids: str) -> HubCategory:
    """A hub category that stands for categories of these accounts, by their names."""
    hub_category = HubCategory.objects.create(name=name)
    for account_name, remote_id in remote_ids.items():
        account = Account.objects.get(name=account_name)
        category, _new = Category.objects.get_or_create(
            account=account, remote_id=remote_id, defaults={"name": f"category {remote_id}", "level": 1}
        )
        CategoryMapping.objects.create(hub_category=hub_category, account=account, category=category)
    return hub_category


def test_a_hub_category_is_chosen_once_and_each_account_gets_its_own(client):
    rows = [row("baijiayun", name="bj-1"), row("baijiayun", name="bj-2")]
    science = placed("Science", **{"bj-1": "11", "bj-2": "22"})
    placed("Elsewhere")
    page = text(client.post(LIST, {"action": "move", "_selected_action": [one.pk for one in rows]}))
    assert "Science" in page
    assert "Elsewhere" not in page
    client.post(act("move"), yes(*rows, hub_category=science.pk))
    assert {one.publication_id: one.arguments for one in operations(kind="move")} == {
        rows[0].pk: {"category": "11"}, rows[1].pk: {"category": "22"},
    }  # fmt: skip


def test_where_a_hub_category_stands_for_nothing_videos_are_named_first_and_left_alone(client):
    rows = [row("baijiayun", name="bj-1"), row("baijiayun", name="bj-2"), row("youku")]
    science = placed("Science", **{"bj-1": "11"})
    answer = client.post(act("move"), yes(*rows, hub_category=science.pk))
    page = text(answer)
    assert operations() == []
    assert "1 video would be left alone: see below. Press the button again to move the others." in page
    assert "“Science” stands for no category on bj-2." in page
    assert "Science (1 of 2 accounts)" in page
    again = yes(*rows, hub_category=science.pk, left_alone=hidden(answer, "left_alone"))
    answer = client.post(act("move"), again, follow=True)
    assert "“Science” stands for no category on bj-2." in told(answer)
    assert [(one.publication_id, one.arguments) for one in operations()] == [(rows[0].pk, {"category": "11"})]


def test_what_is_chosen_for_an_account_goes_before_the_hub_category(client):
    rows = [row("baijiayun", name="bj-1"), row("baijiayun", name="bj-2")]
    science = placed("Science", **{"bj-1": "11"})
    other = Category.objects.create(account=rows[1].account, remote_id="33", name="Other", level=1)
    field = f"baijiayun-account-{rows[1].account_id}-category"
    client.post(act("move"), yes(*rows, hub_category=science.pk, **{field: other.remote_id}))
    assert {one.publication_id: one.arguments["category"] for one in operations()} == {
        rows[0].pk: "11",
        rows[1].pk: "33",
    }
