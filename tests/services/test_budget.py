"""How much may be sent for one file: bytes are counted, too many end the upload, and a person starts the count anew."""

from __future__ import annotations

import pytest

from platforms import tasks
from platforms.models import Publication
from platforms.services import publishing, waits
from platforms.values import State
from tests import hub
from tests.services.uploads import PROTOCOLS, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def test_a_file_may_be_sent_three_times_over_and_a_gibibyte_more():
    assert waits.most_bytes(10**10) == 3 * 10**10 + 1024**3


@pytest.mark.parametrize("name", PROTOCOLS)
def test_what_goes_over_the_line_is_counted(box, name):
    row = queued(box, name)
    hub.work([row])
    assert row.bytes_total <= row.bytes_moved <= row.bytes_total + 10_000


def test_what_is_sent_again_is_counted_again(box):
    row = queued(box, "ranges")
    box.block("/iqiyi-upload/", hub.LOST, times=3, method="POST")
    tasks.run_uploads()
    hub.hurry(row)
    hub.work([row])
    assert row.bytes_moved >= row.bytes_total + 2 * 100 * 1024


def test_too_many_bytes_end_it_in_plain_words_and_a_person_starts_the_count_anew(box):
    row = queued(box, "oss")
    Publication.objects.update(bytes_moved=waits.most_bytes(row.bytes_total) + 1)
    tasks.run_uploads()
    row.refresh_from_db()
    assert (row.state, len(box.requests)) == (State.FAILED, 0)
    assert row.error_text == (
        "Given up: 1076 MB were sent for a file of 0 MB, because much was lost or arrived damaged. Look at the line, "
        "then retry."
    )
    assert publishing.send_again(row, actor="li")
    hub.work([row])
    assert row.state == State.PUBLISHED
