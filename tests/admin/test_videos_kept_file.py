"""A file that has arrived is not lost when the form has errors, and belongs to who sent it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from platforms.models import IncomingFile, Publication, Video, Way
from platforms.services.files import incoming
from tests.admin.posting import ADD, add_one_account_each, form, hidden, sample, text, told
from tests.admin.rows import staff
from tests.hub import SAMPLE

pytestmark = pytest.mark.django_db
MAY = ("add_video", "view_video", "add_publication", "view_publication")


@pytest.fixture
def client() -> Client:
    return staff(*MAY)


def kept_by(client: Client) -> str:
    """The name of a file in a form of this client that has an error."""
    return hidden(client.post(ADD, form(button="_save", file=sample(), title="")), "incoming")


def arriving(client: Client, size: int) -> IncomingFile:
    """A file that a browser of this client is sending."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    return incoming.begin(user, Way.BROWSER, "lesson.mp4", size)


def test_the_page_says_what_is_kept(client, intake):
    answer = client.post(ADD, form(button="_save", file=sample(), title=""))
    assert "lesson.mp4 (748.3 KB, 0:09, 1280×720) is kept; choose another file to replace it." in text(answer)
    assert len(list(intake.iterdir())) == 1


def test_the_corrected_form_needs_no_second_upload(client, intake):
    accounts = add_one_account_each()
    answer = client.post(ADD, form(accounts, file=sample(), tags=""))
    client.post(ADD, form(accounts, incoming=hidden(answer, "incoming")))
    with Video.objects.get().source.open("rb") as stored:
        assert stored.read() == SAMPLE.read_bytes()
    assert Publication.objects.count() == 3
    assert list(intake.iterdir()) == []


def test_it_stays_kept_through_several_forms_with_errors(client, intake):
    name = kept_by(client)
    for _number in range(2):
        name = hidden(client.post(ADD, form(button="_save", title="", incoming=name)), "incoming")
    client.post(ADD, form(button="_save", incoming=name))
    assert Video.objects.get().original_name == "lesson.mp4"


def test_another_file_replaces_it(client, intake):
    name = kept_by(client)
    answer = client.post(ADD, form(button="_save", title="", incoming=name, file=sample("better.mp4")))
    assert "better.mp4 (" in text(answer)
    assert len(list(intake.iterdir())) == 1


def test_a_bad_file_does_not_replace_it(client, intake):
    bad = SimpleUploadedFile("empty.mp4", b"")
    answer = client.post(ADD, form(button="_save", incoming=kept_by(client), file=bad))
    assert "“empty.mp4” is empty." in text(answer)
    assert "lesson.mp4 (" in text(answer)


def test_somebody_elses_file_is_refused(client, intake):
    answer = staff(*MAY).post(ADD, form(button="_save", incoming=kept_by(client)))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()
    assert len(list(intake.iterdir())) == 1


@pytest.mark.parametrize("name", ["nonsense", "6f1a5e0c-1111-4222-8333-944455566677"])
def test_what_names_no_file_is_refused(client, intake, name):
    answer = client.post(ADD, form(button="_save", incoming=name))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()


def test_one_that_is_still_arriving_says_how_far_it_is(client, intake):
    row = arriving(client, size=1000)
    with incoming.writing(row) as writer:
        writer.write(b"x" * 430)
    answer = client.post(ADD, form(button="_save", incoming=str(row.pk)))
    assert "“lesson.mp4” is still arriving: 43 %." in text(answer)
    assert hidden(answer, "incoming") == str(row.pk)
    assert not Video.objects.exists()


def test_one_that_is_complete_is_finished_by_the_form_if_nobody_else_did(client, intake):
    row = arriving(client, size=SAMPLE.stat().st_size)
    with incoming.writing(row) as writer:
        writer.write(SAMPLE.read_bytes())
    client.post(ADD, form(button="_save", incoming=str(row.pk)))
    assert Video.objects.get().md5 == hashlib.md5(SAMPLE.read_bytes()).hexdigest()


def test_one_to_which_nothing_happened_for_too_long_is_refused(client, intake):
    row = arriving(client, size=1000)
    IncomingFile.objects.update(touched_at=timezone.now() - timedelta(days=8))
    answer = client.post(ADD, form(button="_save", incoming=str(row.pk)))
    assert "The file is no longer kept; choose it again." in text(answer)


def test_a_file_with_the_form_may_replace_one_that_a_video_has_taken(client, intake):
    name = kept_by(client)
    client.post(ADD, form(button="_save", incoming=name))
    client.post(ADD, form(button="_save", incoming=name, file=sample("other.mp4")))
    assert sorted(Video.objects.values_list("original_name", flat=True)) == ["lesson.mp4", "other.mp4"]


def test_a_form_that_is_sent_twice_adds_one_video(client, intake):
    accounts = add_one_account_each()
    name = kept_by(client)
    client.post(ADD, form(accounts, incoming=name))
    answer = client.post(ADD, form(accounts, incoming=name), follow=True)
    assert "was already added." in told(answer)
    assert Video.objects.count() == 1
    assert Publication.objects.count() == 3


def test_a_file_that_the_sweep_has_removed_is_asked_for_again(client, intake):
    name = kept_by(client)
    for path in intake.iterdir():
        path.unlink()
    answer = client.post(ADD, form(button="_save", incoming=name))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()
