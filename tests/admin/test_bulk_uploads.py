"""Bulk uploads in the admin: the form, what a check found, queueing, stopping, retrying, and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platforms.models import BulkState, BulkUpload, Publication, RowState, Video
from platforms.services.bulk import reading
from platforms.values import State
from tests import hub
from tests.admin.posting import text, told
from tests.admin.rows import staff
from tests.bulk import tables
from tests.bulk.conftest import here
from tests.bulk.tables import account, csv_of, good, xlsx_of
from tests.fetching.conftest import house
from tests.services.conftest import box

__all__ = ["box", "here", "house"]
pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/platforms/bulkupload/"
ADD = f"{LIST}add/"
OPTIONS = {"youku-copyright_type": "original", "youku-public_type": "all", "baijiayun-definition": ["16", "1"]}


@pytest.fixture
def client() -> Client:
    return staff("add_video", "view_video", "add_publication", "change_publication", "view_publication")


def send(client: Client, content: bytes | None = None, name: str = "lessons.csv", address: str = ADD, **given: Any):
    """Send the form with a table, or with a folder."""
    file = {"table": SimpleUploadedFile(name, content)} if content is not None else {}
    source = "folder" if content is None else "table"
    return client.post(address, {"source": source, "folder": "", **OPTIONS, **file, **given}, follow=True)


def act(client: Client, job: BulkUpload, verb: str):
    return client.post(f"{LIST}{job.pk}/do/{verb}/", follow=True)


def test_a_good_table_is_shown_and_queued_with_one_press(client, here):
    here.put()
    answer = send(client, csv_of(good()))
    job = BulkUpload.objects.get()
    assert answer.redirect_chain[-1][0] == f"{LIST}{job.pk}/change/"
    assert "1 row is good. Nothing is queued yet." in text(answer)
    assert not Publication.objects.exists()
    assert "1 row is queued." in told(act(client, job, "start"))
    assert tables.run(job).state == BulkState.DONE
    page = text(client.get(f"{LIST}{job.pk}/change/"))
    assert "Done" in page
    assert "1 / 1" in page
    assert Video.objects.get().created_by == job.owner


def test_a_spreadsheet_is_taken_as_well(client, here):
    here.put()
    content = xlsx_of(["文件", "标题", "简介", "标签", "账号"], good())
    assert "1 row is good" in text(send(client, content, "lessons.xlsx"))


def test_problems_are_shown_by_row_and_column_and_nothing_can_be_queued_as_it_is(client, here):
    here.put()
    page = send(client, csv_of(good(), good("gone.mp4"), good("lesson.mp4", title="", accounts="nobody")))
    words = text(page)
    assert "2 rows are to be corrected. Nothing is queued. 1 row is good." in words
    assert "File: “gone.mp4” is not there." in words
    assert "Accounts: There is no account “nobody”." in words
    job = BulkUpload.objects.get()
    assert "to be corrected: 2" in told(act(client, job, "start"))
    assert "1 row is queued." in told(act(client, job, "start-good"))
    assert tables.run(job).rows.get(number=2).state == RowState.DONE


def test_the_corrected_table_takes_the_place_of_the_first_and_keeps_what_was_chosen(client, here):
    here.put()
    chosen: dict[str, Any] = {"accounts": [account("bj").pk], "tags": "数学", "youku-video_password": "kept-secret"}
    send(client, csv_of(("gone.mp4", "第一课"), headings=("file", "title")), **chosen)
    job = BulkUpload.objects.get()
    assert "kept-secret" not in str(job.choices)
    again = f"{ADD}?replaces={job.pk}"
    page = client.get(again).content.decode()
    assert re.search(rf'value="{account("bj").pk}"[^>]*checked', page)
    assert 'value="数学"' in page
    send(client, csv_of(("lesson.mp4", "第一课"), headings=("file", "title")), address=again, **chosen)
    assert BulkUpload.objects.get().pk != job.pk


def test_a_folder_is_checked_like_a_table(client, here):
    (here.folder / "unit").mkdir()
    here.put("unit/Lesson 1.mp4")
    answer = send(client, folder="unit", accounts=[account("bj").pk])
    assert "Lesson 1" in text(answer)
    assert BulkUpload.objects.get().name == "unit"
    assert '<option value="unit">' in client.get(ADD).content.decode()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"content": b"title\r\nx\r\n"}, "The table has no column “File”."),
        ({"content": b""}, "The table is empty."),
        ({"content": None, "folder": "../.."}, "does not lie in the ingest folder"),
        ({"content": None, "folder": "nowhere"}, "is not there"),
        ({"content": None, "source": "table"}, "Choose a table."),
    ],
)
def test_what_cannot_be_checked_is_said_at_its_field(client, here, given, told):
    answer = send(client, **given)
    assert told in text(answer)
    assert "Nothing was checked." in text(answer)
    assert not BulkUpload.objects.exists()


def test_a_hub_without_an_ingest_folder_says_so_before_anything_is_filled_in(client, here, settings):
    settings.INGEST_ROOT = ""
    page = client.get(ADD)
    assert "The hub has no ingest folder yet. Set INGEST_ROOT to a folder of the server" in text(page)
    assert "note--bad" not in page.content.decode()
    assert page.content.decode().index('id="folder-trouble"') > page.content.decode().index('id="id_folder"')


def test_what_failed_is_retried_in_one_press_rows_and_publications(client, here):
    path = here.put("a.mp4", b"words" * 1000)
    here.put("b.mp4")
    send(client, csv_of(good("a.mp4", accounts="bj"), good("b.mp4", accounts="bj")))
    job = BulkUpload.objects.get()
    act(client, job, "start")
    tables.run(job)
    Publication.objects.update(state=State.FAILED)
    page = text(client.get(f"{LIST}{job.pk}/change/"))
    assert "Finished with failures" in page
    assert "1 publication has failed since." in page
    path.write_bytes(tables.film(1))
    said = told(act(client, job, "retry"))
    assert "1 row is taken in again." in said
    assert "1 publication queued." in said
    assert {row.state for row in tables.run(job).rows.all()} == {RowState.DONE}


def test_the_rest_can_be_stopped_and_gone_on_with(client, here):
    here.put()
    send(client, csv_of(good()))
    job = BulkUpload.objects.get()
    act(client, job, "start")
    assert "1 row was stopped." in told(act(client, job, "cancel"))
    assert "Go on" in text(client.get(f"{LIST}{job.pk}/change/"))
    assert "1 row is taken in again." in told(act(client, job, "retry"))
    assert "This bulk upload was queued or cancelled already." in told(act(client, job, "start"))


def test_a_check_can_be_discarded(client, here):
    here.put()
    send(client, csv_of(good()))
    assert "The check is discarded." in told(act(client, BulkUpload.objects.get(), "cancel"))


def test_publications_are_shown_with_their_state(client, here):
    here.put()
    send(client, csv_of(good()))
    job = BulkUpload.objects.get()
    act(client, job, "start")
    tables.run(job)
    hub.work(list(Publication.objects.all()))
    assert text(client.get(f"{LIST}{job.pk}/change/")).count("Published") == 3


def test_rows_are_shown_by_state_and_in_pages_in_a_fixed_number_of_queries(
    client, here, monkeypatch, django_assert_max_num_queries
):
    here.put()
    monkeypatch.setattr("platforms.admin.bulk_uploads.ROWS_A_PAGE", 20)
    send(client, csv_of(*(good(title=f"第{number}课") for number in range(45))))
    job = BulkUpload.objects.get()
    with django_assert_max_num_queries(25):
        page = client.get(f"{LIST}{job.pk}/change/?state=all&p=3")
    assert "3 / 3" in text(page)
    assert "第44课" in text(page)
    assert "第1课" in text(client.get(f"{LIST}{job.pk}/change/?state=wrong"))
    assert "第0课" not in text(client.get(f"{LIST}{job.pk}/change/?state=wrong"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_example_can_be_downloaded_and_uploaded(client, here, kind):
    answer = client.get(f"{LIST}example.{kind}")
    assert f'filename="bulk-upload.{kind}"' in answer["Content-Disposition"]
    assert len(reading.read(answer.content).lines) == 2
    assert client.get(f"{LIST}example.exe").status_code == 404


def test_it_is_reached_from_the_videos_the_upload_page_and_the_navigation(client, here):
    for page in ("/admin/platforms/video/", "/admin/platforms/video/upload/"):
        assert f'href="{ADD}"' in client.get(page).content.decode()
    assert f'href="{LIST}"' in client.get("/admin/").content.decode()


def test_only_who_may_add_and_publish_may_upload_in_bulk(client, here):
    here.put()
    send(client, csv_of(good()))
    job = BulkUpload.objects.get()
    viewer, adder, nobody = staff("view_video"), staff("add_video"), staff("view_account")
    assert viewer.get(f"{LIST}{job.pk}/change/").status_code == 200
    assert "Queue 1 video" not in text(viewer.get(f"{LIST}{job.pk}/change/"))
    for other in (viewer, adder, nobody):
        assert other.get(ADD).status_code == 403
        assert other.post(f"{LIST}{job.pk}/do/start/").status_code == 403
        assert other.get(f"{LIST}example.csv").status_code == 403
    assert nobody.get(f"{LIST}{job.pk}/change/").status_code == 403
    assert client.get(f"{LIST}{job.pk}/do/start/").status_code == 405
    assert client.post(f"{LIST}{job.pk}/do/anything/").status_code == 404
    job.refresh_from_db()
    assert job.state == BulkState.CHECKED
