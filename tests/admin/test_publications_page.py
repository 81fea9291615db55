"""One publication's page: everything known about it in words, and only the buttons that do something now."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from platforms.models import Account, Health, Publication
from platforms.services import events, progress
from platforms.values import State, say
from tests.admin.posting import page_of, text
from tests.admin.rows import add_account, add_publication, add_session, staff

pytestmark = pytest.mark.django_db
MAY = ("change_publication", "delete_publication", "view_account", "view_video", "view_event")
THERE = {"remote_id": "XNDY1", "uploaded_at": "2026-01-01T00:00Z"}


def row(state: State, **columns: Any) -> Publication:
    return add_publication(add_account(), state, **columns)


def verbs_on(one: Publication, *permissions: str) -> set[str]:
    page = staff(*permissions or MAY).get(page_of(one)).content.decode()
    remove = {"remove"} if f"/remove/?ids={one.pk}" in page else set()
    return set(re.findall(rf"/publication/{one.pk}/do/(\w+)/", page)) | remove


@pytest.mark.parametrize(
    ("state", "columns", "verbs"),
    [
        (State.QUEUED, {}, {"pause", "cancel"}),
        (State.UPLOADING, {}, {"pause", "cancel"}),
        (State.PAUSED, {}, {"resume", "cancel"}),
        (State.PROCESSING, THERE, {"refresh", "remove"}),
        (State.PUBLISHED, THERE, {"refresh", "remove"}),
        (State.REJECTED, THERE, {"refresh", "remove"}),
        (State.FAILED, THERE, {"refresh", "remove"}),
        (State.DELETING, THERE, set()),
        (State.UNKNOWN, {}, {"cancel"}),
    ],
)
def test_only_what_is_possible_now_has_a_button(state, columns, verbs):
    assert verbs_on(row(state, **columns)) == verbs


def test_a_view_only_user_sees_the_page_without_buttons():
    assert verbs_on(row(State.PUBLISHED, **THERE), "view_publication") == set()


def test_a_missing_file_takes_away_the_retry(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    one = row(State.FAILED)
    assert verbs_on(one) == {"cancel"}
    (tmp_path / "a.mp4").write_bytes(b"frames")
    type(one.video).objects.update(source="a.mp4")
    assert verbs_on(one) == {"cancel", "retry"}


def test_a_failure_is_told_in_words_with_code_detail_and_next_try():
    error = progress.stored_error("Temporary", say("The platform is %(what)s.", what="busy"))
    at = timezone.now() + timedelta(hours=30)
    one = row(State.QUEUED, error=error | {"code": "1002", "detail": "HTTP 500"}, next_run_at=at, attempts=3)
    page = text(staff(*MAY).get(page_of(one)))
    assert "The platform is busy." in page
    assert "Code 1002 Detail HTTP 500" in page
    assert f"Next try {timezone.localtime(at):%Y-%m-%d %H:%M}" in page
    assert "Attempts 3" in page


def test_options_are_told_by_their_labels_and_passwords_are_not_shown():
    options = {"public_type": "password", "copyright_type": "original", "watch_password": "opensesame", "deshake": "1"}
    page = staff(*MAY).get(page_of(row(State.QUEUED, options=options, category="Education")))
    assert "Copyright Original Who may watch With a password Password for watching ••••••" in text(page)
    assert "Steady a shaky picture yes" in text(page)
    assert "opensesame" not in page.content.decode()


def test_what_the_platform_says_and_where_it_plays_is_shown():
    one = row(
        State.PUBLISHED, **THERE, raw_state="normal", raw_words="All is well", plays=7, remote_duration=65.0,
        page_url="https://v.example/1", embed_url="javascript:alert(1)", cover_url="https://img.example/1.jpg",
        state_source="callback",
    )  # fmt: skip
    answer = staff(*MAY).get(page_of(one))
    page = answer.content.decode()
    assert "In the platform's words normal All is well" in text(answer)
    assert "Known from callback" in text(answer)
    assert "Duration there 1:05 Plays 7" in text(answer)
    assert 'href="https://v.example/1"' in page
    assert '<img class="now__cover" src="https://img.example/1.jpg"' in page
    assert "javascript:" not in page


def test_an_account_that_does_not_work_is_said_with_a_link():
    one = row(State.QUEUED)
    Account.objects.update(
        health=Health.NEEDS_PERSON, health_reason=progress.stored_error("LoginExpired", say("Connect it again."))
    )
    page = staff(*MAY).get(page_of(one))
    assert "yk Needs a person" in text(page)
    assert "Connect it again." in text(page)
    assert f'href="/admin/platforms/account/{one.account_id}/change/"' in page.content.decode()


def test_the_history_is_bounded_and_leads_to_the_rest(monkeypatch):
    one = row(State.QUEUED)
    for number in range(60):
        events.record(one, "test", say("Event %(number)s.", number=number), actor="worker:1")
    page = staff(*MAY).get(page_of(one))
    assert "Event 59. worker:1" in text(page)
    assert "Event 9." not in text(page)
    assert f"/admin/platforms/event/?publication__id__exact={one.pk}" in page.content.decode()


def test_nothing_of_an_upload_session_but_its_protocol_is_shown():
    one = row(State.UPLOADING)
    add_session(one)
    page = staff(*MAY).get(page_of(one))
    assert "Upload oss" in text(page)
    assert "kept-sts-4" not in page.content.decode()


def test_there_is_nothing_inline_on_the_page():
    page = staff(*MAY).get(page_of(row(State.PUBLISHED, **THERE))).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_an_unknown_publication_is_not_found():
    assert staff(*MAY).get("/admin/platforms/publication/99/change/").status_code == 404
    assert staff("view_video").get("/admin/platforms/publication/99/change/").status_code == 403
