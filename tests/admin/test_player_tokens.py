"""Player tokens for the selected publications, as a file for spreadsheets or for programs."""

from __future__ import annotations

import codecs
import csv
import io
import json

import pytest

from platforms.admin.common.spreadsheets import cell
from platforms.models import Event, Publication
from tests import hub
from tests.admin.posting import text, told
from tests.admin.rows import add_account, add_publication, staff
from tests.hub import LESSON

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"
TOKENS = f"{LIST}player-tokens/"


@pytest.fixture
def rows(box) -> list[Publication]:
    """Two videos on Baijiayun, one of an evil title, and one on iQiyi."""
    account, other = hub.add_account(box, "baijiayun"), hub.add_account(box, "iqiyi")
    evil = LESSON.__class__('=HYPERLINK("http://evil.example","课")', LESSON.description, LESSON.tags)
    rows = [*hub.publish(hub.add_video(), account), *hub.publish(hub.add_video(evil), account)]
    rows += hub.publish(hub.add_video(), other)
    hub.work(rows)
    return rows


def send(client, rows, **data: str):
    given = {"ids": ",".join(str(row.pk) for row in rows), "amount": "2", "unit": "days", "format": "json"}
    return client.post(TOKENS, given | data)


def test_the_action_lists_what_gets_a_token_and_what_is_skipped(admin_client, rows):
    chosen = [row.pk for row in rows]
    page = text(admin_client.post(LIST, {"action": "player_tokens_action", "_selected_action": chosen}))
    assert "2 videos get a token each" in page
    assert "1 is skipped" in page
    assert "iQiyi has no player tokens." in page
    assert "for ever: it never expires, and nobody can withdraw it" in page
    assert not Event.objects.filter(kind="player_token").exists()


def test_a_program_reads_tokens_and_what_was_skipped(admin_client, rows):
    answer = send(admin_client, rows)
    assert "attachment" in answer["Content-Disposition"]
    assert ".json" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    found = json.loads(answer.content)
    assert {one["publication"] for one in found["tokens"]} == {rows[0].pk, rows[1].pk}
    assert all(len(one["token"]) > 20 and one["remote_id"] for one in found["tokens"])
    assert [(one["publication"], one["reason"]) for one in found["skipped"]] == [
        (rows[2].pk, "iQiyi has no player tokens.")
    ]
    assert found["expires_at"] > found["issued_at"]
    assert "2 player tokens were issued. 1 skipped: iQiyi has no player tokens." in told(admin_client.get(LIST))


def test_for_ever_has_no_end(admin_client, rows):
    assert json.loads(send(admin_client, rows, unit="never").content)["expires_at"] is None


def test_a_spreadsheet_reads_it_and_calculates_nothing(admin_client, rows):
    answer = send(admin_client, rows, format="csv")
    assert answer.content.startswith(codecs.BOM_UTF8)
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    titles = [line[2] for line in lines[1:]]
    assert "第一课 认识分数" in titles
    assert '\'=HYPERLINK("http://evil.example","课")' in titles
    assert lines[3][-1] == "iQiyi has no player tokens."
    assert all(line[6] and line[7] for line in lines[1:3])


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@x", "\tx", "\r=1", "=cmd|' /C calc'!A0", "-cmd|'x'!A"])
def test_a_formula_is_only_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-AbC_9.~x", "课", "a=b", "", "112001"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert cell(text) == text


def test_no_token_is_in_the_history(admin_client, rows):
    found = json.loads(send(admin_client, rows).content)
    written = json.dumps(list(Event.objects.values("sentence", "data", "subject")))
    assert Event.objects.filter(kind="player_token", actor="admin").count() == 2
    assert not any(one["token"] in written for one in found["tokens"])


def test_a_wrong_time_shows_the_page_again(admin_client, rows):
    page = send(admin_client, rows, amount="0")
    assert page["Content-Type"].startswith("text/html")
    assert "errorlist" in page.content.decode()
    assert not Event.objects.filter(kind="player_token").exists()


def test_nothing_to_issue_is_said_on_the_list(admin_client, rows):
    answer = send(admin_client, rows[2:])
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert "iQiyi has no player tokens." in told(admin_client.get(LIST))


def test_only_who_may_change_publications_gets_tokens():
    row = add_publication(add_account())
    viewer = staff("view_publication")
    assert send(viewer, [row]).status_code == 403
    assert "player_tokens_action" not in viewer.get(LIST).content.decode()
    assert staff("change_publication").get(TOKENS).status_code == 404


def test_too_many_are_not_taken(admin_client, monkeypatch):
    monkeypatch.setattr("platforms.admin.watching.player_tokens.MOST", 1)
    account = add_account()
    chosen = [add_publication(account).pk for _ in range(2)]
    answer = admin_client.post(LIST, {"action": "player_tokens_action", "_selected_action": chosen}, follow=True)
    assert "At most 1 publications at a time" in told(answer)
