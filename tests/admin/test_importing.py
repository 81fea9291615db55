"""Staff bring in what already is on an account: asked for on its page, done by workers, shown as it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.models import Account, Event, Health, ImportState, LibraryImport, Publication, Video
from platforms.services import publishing, videos
from platforms.services.importing import jobs
from platforms.values import State
from tests import hub
from tests.admin.rows import add_account, staff
from tests.importing.library import account_with, row_of, sync

pytestmark = pytest.mark.django_db


def page_of(account: Account) -> str:
    return f"/admin/platforms/account/{account.pk}/change/"


def import_url(account: Account) -> str:
    return f"/admin/platforms/account/{account.pk}/import/"


def text(answer):
    return answer.content.decode()


def ask(client, account: Account, **typed: str):
    return text(client.post(import_url(account), typed, follow=True))


def test_it_is_asked_for_on_the_page_and_done_by_a_worker(box, admin_client):
    account, _ids = account_with(box, "youku", "第一课", "第二课")
    assert "The import has begun" in ask(admin_client, account)
    assert not Publication.objects.exists()  # not in the web request
    html = text(admin_client.get(page_of(account)))
    assert "Import of all videos" in html
    assert "Cancel the import" in html
    tasks.run_imports()
    html = text(admin_client.get(page_of(account)))
    assert "2 new, 0 updated, 0 missing on the platform" in html
    assert "Cancel the import" not in html
    assert Event.objects.get(kind="sync").actor == "admin"


def test_what_would_change_is_shown_without_changing_it(box, admin_client):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    ask(admin_client, account, dry_run="1")
    tasks.run_imports()
    html = text(admin_client.get(page_of(account)))
    assert "What an import would change" in html
    assert "1 new, 0 to be updated" in html
    assert remote_id in html
    assert not Publication.objects.exists()


def test_videos_are_named_by_their_ids(box, admin_client):
    account, (first, _second) = account_with(box, "youku", "第一课", "第二课")
    ask(admin_client, account, ids=f"{first}\nXNOSUCH")
    tasks.run_imports()
    assert Publication.objects.get().remote_id == first
    assert "Not on this account: <code>XNOSUCH</code>" in text(admin_client.get(page_of(account)))


@pytest.mark.parametrize("ids", ["", "  \n", "\0", " ".join(f"X{number}" for number in range(1001))])
def test_no_ids_or_too_many_ask_for_nothing(admin_client, ids):
    account = add_account()
    assert "at most 1000" in ask(admin_client, account, ids=ids)
    assert not LibraryImport.objects.exists()


def test_how_far_it_is_stands_on_the_page(admin_client):
    account = add_account()
    job = jobs.start(account, actor="wang")
    LibraryImport.objects.update(state=ImportState.RUNNING, taken=1234, total=5000, created=1200)
    html = text(admin_client.get(page_of(account)))
    assert "1,234 of 5,000 videos" in html
    assert 'value="24"' in html
    assert "wang" in html
    LibraryImport.objects.filter(pk=job.pk).update(total=None)
    assert "1,234 videos so far" in text(admin_client.get(page_of(account)))


def test_why_it_waits_and_until_when_stands_on_the_page(admin_client):
    account = add_account()
    jobs.start(account, actor="wang")
    until = timezone.now() + timedelta(minutes=20)
    LibraryImport.objects.update(error={"text": "The calls are used up.", "params": {}}, next_run_at=until)
    html = text(admin_client.get(page_of(account)))
    assert "The calls are used up. Goes on at" in html


def test_what_keeps_the_account_from_working_stands_there_too(admin_client):
    account = add_account()
    jobs.start(account, actor="wang")
    reason = {"kind": "LoginExpired", "text": "The log-in has ended.", "params": {}}
    Account.objects.filter(pk=account.pk).update(health=Health.NEEDS_PERSON, health_reason=reason)
    html = text(admin_client.get(page_of(account)))
    assert '<p class="note note--attention">The log-in has ended.</p>' in html


def test_it_is_cancelled_from_the_page(box, admin_client):
    account, _ids = account_with(box, "youku", "第一课")
    ask(admin_client, account)
    html = text(admin_client.post(f"{import_url(account)}cancel/", follow=True))
    assert "The import is cancelled" in html
    tasks.run_imports()
    assert not Publication.objects.exists()
    assert "No import is under way" in text(admin_client.post(f"{import_url(account)}cancel/", follow=True))


def test_another_import_under_way_is_told(admin_client):
    account = add_account()
    jobs.start(account, actor="wang", dry_run=True)
    assert "Another import" in ask(admin_client, account)


def test_accounts_are_chosen_in_the_list(box, admin_client):
    account, _ids = account_with(box, "youku", "第一课")
    other = hub.add_account(box, "iqiyi")
    posted = {"action": "import_selected", "_selected_action": [account.pk, other.pk]}
    html = text(admin_client.post("/admin/platforms/account/", posted, follow=True))
    assert "2 imports have begun" in html
    assert LibraryImport.objects.filter(state=ImportState.WAITING).count() == 2


def test_it_needs_the_permissions_to_add_and_to_publish():
    account = add_account()
    client = staff("view_account", "view_video", "add_video")
    assert client.post(import_url(account)).status_code == 403
    assert client.post(f"{import_url(account)}cancel/").status_code == 403
    assert "Import the account's videos" not in text(client.get(page_of(account)))
    client = staff("view_account", "view_video", "add_video", "add_publication")
    assert "Import the account&#x27;s videos" in text(client.get(page_of(account))).replace(
        "account's", "account&#x27;s"
    )
    assert client.post(import_url(account)).status_code == 302


def test_it_is_asked_for_by_post_only(admin_client):
    account = add_account()
    assert admin_client.get(import_url(account)).status_code == 405
    assert admin_client.get(f"{import_url(account)}cancel/").status_code == 405


@pytest.fixture
def imported(box) -> Publication:
    account, (remote_id,) = account_with(box, "youku", "第一课")
    sync(account)
    return row_of(remote_id)


def test_its_page_says_where_it_comes_from_and_that_there_is_no_file(imported, admin_client):
    html = text(admin_client.get(f"/admin/platforms/video/{imported.video_id}/change/"))
    assert "The hub has no file of this video: it was imported from “yk”" in html
    assert "Imported from" in html
    assert f"/admin/platforms/video/{imported.video_id}/publish/" not in html
    html = text(admin_client.get(f"/admin/platforms/publication/{imported.pk}/change/"))
    assert "imported from yk" in html
    assert imported.cover_url in html.replace("&amp;", "&")


def test_the_list_says_it_and_can_be_narrowed_to_it(imported, admin_client):
    own = hub.add_video()
    html = text(admin_client.get("/admin/platforms/video/?origin=imported"))
    assert "第一课" in html
    assert f"/admin/platforms/video/{own.pk}/change/" not in html
    html = text(admin_client.get("/admin/platforms/video/?origin=uploaded"))
    assert f"/admin/platforms/video/{imported.video_id}/change/" not in html
    assert f"/admin/platforms/video/{own.pk}/change/" in html


def test_publishing_it_elsewhere_is_refused_with_the_reason(imported, box, admin_client):
    other = hub.add_account(box, "iqiyi")
    url = f"/admin/platforms/video/{imported.video_id}/publish/"
    assert admin_client.get(url).status_code == 200
    html = text(admin_client.post(url, {"accounts": [other.pk]}))
    assert "The hub has no file of this video" in html
    assert Publication.objects.count() == 1


def test_a_missing_one_cannot_be_sent_again_and_can_leave_the_hub(imported, admin_client):
    Publication.objects.update(state=State.MISSING)
    imported.refresh_from_db()
    assert "imported from" in publishing.why_not_send(imported)
    html = text(admin_client.get(f"/admin/platforms/publication/{imported.pk}/change/"))
    assert "Publish again" not in html
    assert videos.delete(imported.video, actor="li")
    assert not Video.objects.exists()


def test_its_title_is_edited_like_any_other(imported, admin_client):
    url = f"/admin/platforms/video/{imported.video_id}/change/"
    form = admin_client.get(url).context["adminform"].form
    hidden = {name: form[name].value() for name in form.fields if form[name].is_hidden}
    answer = admin_client.post(url, {"title": "我们的名称", "description": "", "tags": "", "_save": "Save", **hidden})
    assert answer.status_code == 302
    imported.video.refresh_from_db()
    assert imported.video.title == "我们的名称"


def test_videos_without_a_file_are_no_duplicates_of_each_other(box):
    account, (first, _second) = account_with(box, "youku", "第一课", "第二课")
    sync(account)
    assert publishing.duplicates_of(row_of(first)) == []
