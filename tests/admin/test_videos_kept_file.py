"""A file that has arrived is not lost when the form has errors, and belongs to who sent it."""

from __future__ import annotations

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platforms.models import Publication, Video
from platforms.services import media
from tests.admin.posting import ADD, add_one_account_each, form, hidden, sample, text, told
from tests.admin.rows import staff
from tests.hub import SAMPLE

pytestmark = pytest.mark.django_db
MAY = ("add_video", "view_video", "add_publication", "view_publication")


@pytest.fixture
def client() -> Client:
    return staff(*MAY)


def kept_by(client: Client) -> str:
    """The token of a file in a form of this client that has an error."""
    return hidden(client.post(ADD, form(button="_save", file=sample(), title="")), "kept")


def test_the_page_says_what_is_kept(client, intake):
    answer = client.post(ADD, form(button="_save", file=sample(), title=""))
    assert "lesson.mp4 (748.3 KB, 0:09, 1280×720) is kept; choose another file to replace it." in text(answer)
    assert len(list(intake.iterdir())) == 1


def test_the_corrected_form_needs_no_second_upload(client, intake):
    accounts = add_one_account_each()
    answer = client.post(ADD, form(accounts, file=sample(), tags=""))
    client.post(ADD, form(accounts, kept=hidden(answer, "kept")))
    with Video.objects.get().source.open("rb") as stored:
        assert stored.read() == SAMPLE.read_bytes()
    assert Publication.objects.count() == 3
    assert list(intake.iterdir()) == []


def test_it_stays_kept_through_several_forms_with_errors(client, intake):
    token = kept_by(client)
    for _number in range(2):
        token = hidden(client.post(ADD, form(button="_save", title="", kept=token)), "kept")
    client.post(ADD, form(button="_save", kept=token))
    assert Video.objects.get().original_name == "lesson.mp4"


def test_another_file_replaces_it(client, intake):
    token = kept_by(client)
    answer = client.post(ADD, form(button="_save", title="", kept=token, file=sample("better.mp4")))
    assert "better.mp4 (" in text(answer)
    assert len(list(intake.iterdir())) == 1


def test_a_bad_file_does_not_replace_it(client, intake):
    bad = SimpleUploadedFile("empty.mp4", b"")
    answer = client.post(ADD, form(button="_save", kept=kept_by(client), file=bad))
    assert "“empty.mp4” is empty." in text(answer)
    assert "lesson.mp4 (" in text(answer)


def test_somebody_elses_token_is_refused(client, intake):
    answer = staff(*MAY).post(ADD, form(button="_save", kept=kept_by(client)))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()
    assert len(list(intake.iterdir())) == 1


def test_the_token_does_not_say_where_the_hub_keeps_files(client, intake):
    facts = signing.loads(kept_by(client), salt=f"{media.SALT}:{client.session['_auth_user_id']}")
    assert facts["path"] == next(intake.iterdir()).name


def test_a_token_that_was_tampered_with_is_refused(client, intake):
    answer = client.post(ADD, form(button="_save", kept=kept_by(client)[:-3] + "abc"))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()


def test_a_form_that_is_sent_twice_adds_one_video(client, intake):
    accounts = add_one_account_each()
    token = kept_by(client)
    client.post(ADD, form(accounts, kept=token))
    answer = client.post(ADD, form(accounts, kept=token), follow=True)
    assert "was already added." in told(answer)
    assert Video.objects.count() == 1
    assert Publication.objects.count() == 3


def test_a_file_that_the_sweep_has_removed_is_asked_for_again(client, intake):
    token = kept_by(client)
    for path in intake.iterdir():
        path.unlink()
    answer = client.post(ADD, form(button="_save", kept=token))
    assert "The file is no longer kept; choose it again." in text(answer)
    assert not Video.objects.exists()
