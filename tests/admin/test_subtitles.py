"""Subtitles on a video's page: added several at once, told by line what is wrong, changed, and brought to platforms."""

from __future__ import annotations

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platforms.models import CopyState, Operation, Subtitle, SubtitleCopy, Video
from platforms.services.subtitles import keeping, reading
from platforms.values import State
from tests.admin import rows
from tests.admin.posting import add_one_account_each, text, told
from tests.subtitles.files import SRT, VTT

pytestmark = pytest.mark.django_db
BROKEN = "1\n00:00:01,000 --> 00:00:02\nhalf\n\n2\n00:00:05,000 --> 00:00:04,000\nbackwards\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def video() -> Video:
    """Published on an account of each platform."""
    made = rows.add_publication(rows.add_account(), State.PUBLISHED, remote_id="x1").video
    for number, account in enumerate(add_one_account_each()[1:]):
        made.publications.create(account=account, state=State.PUBLISHED, remote_id=f"r{number}", bytes_total=1000)
    return made


@pytest.fixture
def client():
    return rows.staff("view_video", "change_video")


def at(name: str, *place: int) -> str:
    return reverse(f"admin:platforms_video_{name}", args=place)


def page(client, video: Video) -> str:
    return html.unescape(client.get(at("change", video.pk)).content.decode())


def add(video: Video, name: str = "简体中文", language: str = "zh-Hans", content: str = SRT, **more: bool) -> Subtitle:
    kind = "vtt" if content.startswith("WEBVTT") else "srt"
    new = keeping.New(reading.read(f"lesson.{kind}", content.encode()), language, name, **more)
    return keeping.add(video, [new], actor="li")[0]


def file_row(number: int, content: str | bytes, file_name: str, **values: str) -> dict[str, object]:
    data = content.encode() if isinstance(content, str) else content
    given = {"file": SimpleUploadedFile(file_name, data), "language": "zh-Hans", "name": ""} | values
    return {f"files-{number}-{key}": value for key, value in given.items()}


def post(client, video: Video, *rows_given: dict[str, object]):
    data: dict[str, object] = {"files-TOTAL_FORMS": "3", "files-INITIAL_FORMS": "0"}
    for number in range(len(rows_given), 3):
        data |= {f"files-{number}-language": "zh-Hans", f"files-{number}-name": ""}
    for row in rows_given:
        data |= row
    return client.post(at("subtitles_add", video.pk), data, follow=True)


def test_several_are_added_at_once_and_stand_on_the_card_with_every_platform(client, video):
    answer = post(
        client, video, file_row(0, SRT.encode("gb18030"), "课.srt", is_default="on"),
        file_row(1, VTT, "lesson.en.vtt", language="en", name="English (hearing impaired)"),
    )  # fmt: skip
    assert "The subtitles “简体中文”, “English (hearing impaired)” were added." in told(answer)
    assert "“简体中文”: 1 remark of its check" in told(answer)
    first, second = keeping.of(video)
    assert (first.is_default, first.language, second.language, second.created_by) == (
        True, "zh-Hans", "en", second.created_by
    )  # fmt: skip
    shown = text(answer)
    assert "The file was in GB18030; it is kept as UTF-8." in shown
    assert "Youku has no subtitles." in shown
    assert "iQiyi has no subtitles." in shown
    assert "To be sent" in shown
    assert SubtitleCopy.objects.count() == 2


def test_every_problem_of_every_file_is_told_by_line_and_nothing_is_added(client, video):
    answer = post(client, video, file_row(0, BROKEN, "a.srt"), file_row(1, SRT, "good.srt"), file_row(2, b"", "c.vtt"))
    shown = text(answer)
    assert "Nothing was added. Correct what is marked below" in shown
    assert "“a.srt” is not taken: 2 problems." in shown
    assert "Line 2 “00:00:01,000 --> 00:00:02” are not two times such as 00:01:02,500 --> 00:01:05,000." in shown
    assert "Line 6 The cue ends (0:00:04.000) before it begins (0:00:05.000)." in shown
    assert "Whole file The file is empty." in shown
    assert Subtitle.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"x" * (reading.MOST_BYTES + 1), "a.srt", "at most 2 MB"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.srt", "not a text file"),
        (SRT, "a.ass", "neither"),
        (b"WEBVTT\n", "a.vtt", "holds no cues"),
    ],
)
def test_what_is_no_subtitle_is_refused_with_the_reason(client, video, content, name, words):
    assert words in text(post(client, video, file_row(0, content, name)))
    assert Subtitle.objects.count() == 0


def test_names_defaults_and_no_file_at_all_are_checked_together(client, video):
    add(video)
    answer = post(
        client, video, file_row(0, SRT, "a.srt", is_default="on"),
        file_row(1, VTT, "b.vtt", name="b", is_default="on"),
    )  # fmt: skip
    assert "The video has a subtitle “简体中文” already." in text(answer)
    assert "Only one subtitle can be the default." in text(answer)
    assert "Choose a file." in text(post(client, video))


def test_a_name_and_language_are_changed(client, video):
    subtitle = add(video)
    SubtitleCopy.objects.update(state=CopyState.THERE, remote_id="7", remote_name="简体中文")
    answer = client.post(
        at("subtitle_change", video.pk, subtitle.pk), {"name": "中文", "language": "zh-Hant"}, follow=True
    )
    assert "Saved." in told(answer)
    subtitle.refresh_from_db()
    assert (subtitle.name, subtitle.language) == ("中文", "zh-Hant")
    assert "To be changed" in text(answer)
    add(video, "English", "en", VTT)
    refused = client.post(at("subtitle_change", video.pk, subtitle.pk), {"name": "English", "language": "en"})
    assert "The video has a subtitle “English” already." in text(refused)


def test_another_one_becomes_the_default(client, video):
    add(video, is_default=True)
    english = add(video, "English", "en", VTT)
    answer = client.post(at("subtitle_default", video.pk, english.pk), follow=True)
    assert "“English” is now the default." in told(answer)
    assert [one.name for one in keeping.of(video) if one.is_default] == ["English"]


def test_deleting_asks_first_and_names_the_platforms_that_have_it(client, video):
    subtitle = add(video)
    SubtitleCopy.objects.update(state=CopyState.THERE, remote_id="7", remote_name="简体中文")
    asked = client.get(at("subtitle_delete", video.pk, subtitle.pk))
    assert "It is deleted in the hub and on these platforms Baijiayun baijiayun" in text(asked)
    assert keeping.of(video).count() == 1
    answer = client.post(at("subtitle_delete", video.pk, subtitle.pk), follow=True)
    assert "“简体中文” is deleted." in told(answer)
    assert "Being deleted on the platforms" in text(answer)
    assert client.get(at("subtitle_delete", video.pk, subtitle.pk)).status_code == 404


def test_failed_missing_and_different_ones_have_a_button_that_sends_them(client, video):
    subtitle = add(video)
    copy = SubtitleCopy.objects.get()
    states = {
        CopyState.FAILED: ("Try again", {}), CopyState.MISSING: ("Send it", {"remote_id": "7"}),
        CopyState.THERE: ("Send ours", {"remote_id": "7", "remote_name": "theirs"}),
    }  # fmt: skip
    for state, (label, columns) in states.items():
        SubtitleCopy.objects.update(state=state, **columns)
        assert label in page(client, video)
        answer = client.post(at("subtitle_copy_again", video.pk, copy.pk), follow=True)
        assert f"“{subtitle.name}” is sent to the platform." in told(answer)
    assert "There is nothing to send any more." in told(
        client.post(at("subtitle_copy_again", video.pk, copy.pk), follow=True)
    )


def test_platforms_with_subtitles_are_asked_on_demand(client, video):
    answer = client.post(at("subtitles_sync", video.pk), follow=True)
    assert "1 platform is asked." in told(answer)
    assert [one.publication.account.platform for one in Operation.objects.all()] == ["baijiayun"]


def test_a_player_gets_webvtt_and_a_person_either_format(client, video):
    subtitle = add(video)
    url = at("subtitle", video.pk, subtitle.pk)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert answer.content.decode().startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n同学们好")
    assert "private" in answer["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    srt = client.get(url, {"as": "srt"})
    assert (srt.content.decode(), srt["Content-Disposition"].startswith("attachment")) == (SRT, True)
    assert client.get(url, {"as": "exe"}).status_code == 404
    other = rows.add_publication(rows.add_account("other")).video
    assert client.get(at("subtitle", other.pk, subtitle.pk)).status_code == 404


def test_who_may_only_look_changes_nothing(video):
    subtitle, looker, stranger = add(video), rows.staff("view_video"), rows.staff()
    copy = SubtitleCopy.objects.get()
    assert looker.get(at("subtitle", video.pk, subtitle.pk)).status_code == 200
    assert "Add subtitles…" not in page(looker, video)
    places = [
        at("subtitles_add", video.pk),
        at("subtitles_sync", video.pk),
        at("subtitle_copy_again", video.pk, copy.pk),
    ]
    places += [at(f"subtitle_{verb}", video.pk, subtitle.pk) for verb in ("change", "default", "delete")]
    for place in places:
        for one in (looker, stranger):
            assert one.post(place).status_code == 403, place
    assert stranger.get(at("subtitle", video.pk, subtitle.pk)).status_code == 403
    assert keeping.of(video).count() == 1


def test_a_removed_one_is_given_to_no_player(client, video):
    subtitle = add(video)
    SubtitleCopy.objects.update(state=CopyState.THERE, remote_id="7")
    keeping.remove(subtitle, actor="li")
    assert client.get(at("subtitle", video.pk, subtitle.pk)).status_code == 404


def test_an_account_s_subtitles_are_compared_from_its_page_where_its_platform_has_any(video):
    client = rows.staff("view_account", "change_account", "change_video")
    for row in video.publications.select_related("account"):
        place = reverse("admin:platforms_account_change", args=[row.account_id])
        has_button = "Compare subtitles" in client.get(place).content.decode()
        assert has_button == (row.account.platform == "baijiayun")
        answer = told(client.post(reverse("admin:platforms_account_subtitles", args=[row.account_id]), follow=True))
        assert ("The subtitles of 1 video are compared" if has_button else "has no subtitles.") in answer
    assert [one.kind for one in Operation.objects.all()] == ["subtitles_sync"]
    assert rows.staff().post(reverse("admin:platforms_account_subtitles", args=[1])).status_code in (403, 404)


def test_a_publication_s_page_says_how_they_stand_there_or_that_its_platform_has_none(client, video):
    looker = rows.staff("view_publication", "view_video", "change_video")
    pages = {
        row.account.platform: reverse("admin:platforms_publication_change", args=[row.pk])
        for row in video.publications.select_related("account")
    }
    assert "publication-subtitles" not in looker.get(pages["baijiayun"]).content.decode()
    add(video)
    SubtitleCopy.objects.update(state=CopyState.FAILED)
    shown = looker.get(pages["baijiayun"])
    assert "简体中文 Failed" in text(shown)
    assert "Try again" in text(shown)
    assert "Youku has no subtitles." in text(looker.get(pages["youku"]))
    place = at("subtitle_copy_again", video.pk, SubtitleCopy.objects.get().pk)
    assert looker.post(place, {"next": pages["baijiayun"]})["Location"] == pages["baijiayun"]
