"""What an owner can do with the account's videos after publishing, in the hub's words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import requests

from platforms.drivers.baijiayun import figures, look
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import Refused
from platforms.transport.answers import BEIJING
from platforms.values import State
from sandbox.server import Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_baijiayun import access_to, baijiayun, job_of, path, transcoded

VTT = BytesSource("WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n".encode(), "zh.vtt")


@pytest.fixture
def driver(box: Sandbox) -> Baijiayun:
    return baijiayun(box)


@pytest.fixture
def video_id(box: Sandbox, driver: Baijiayun) -> str:
    return transcoded(box, driver)


def today() -> date:
    return datetime.now(BEIJING).date()


def state_of(driver: Baijiayun, video_id: str) -> State | None:
    (video,) = driver.look([video_id])
    return video.state


def test_the_key_is_fetched_and_regenerated(box: Sandbox) -> None:
    access = access_to(box)
    old = access.stored["partner_key"]
    assert "is valid" in Baijiayun(access).fetch_key().sentence.text
    assert access.stored["partner_key"] == old
    assert "another partner_key" in Baijiayun(access).regenerate_key().sentence.text
    assert access.stored["partner_key"] == box.credentials("baijiayun")["partner_key"] != old


@pytest.mark.usefixtures("noon")
def test_usage_grows_with_uploads_and_views(box: Sandbox, driver: Baijiayun) -> None:
    empty = driver.usage()
    video = transcoded(box, driver, size=1000)
    box.baijiayun.add_flow(int(video), 5000, today() - timedelta(days=1))
    used = driver.usage()
    assert (empty.storage_used, empty.is_monthly) == (0, True)
    assert used.storage_used is not None
    assert used.storage_used > 1000
    assert used.lines["video"] == (used.storage_used, 5000)
    assert "total" not in used.lines
    assert used.expires_at is not None


def test_a_plan_for_all_its_time_has_one_limit_of_traffic(box: Sandbox, driver: Baijiayun) -> None:
    box.baijiayun.set_plan(charge_type=1, flow_limit=2000, total_storage=1000)
    usage = driver.usage()
    assert (usage.is_monthly, usage.traffic_total, usage.storage_total) == (False, 2000, 1000)


def test_the_library_holds_every_video_once(box: Sandbox, driver: Baijiayun, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [transcoded(box, driver, size=50 + number) for number in range(5)]
    driver.block_video(ids[0])
    category = driver.add_category("数学").remote_id
    driver.set_category(ids[1], category)
    under_way = driver.upload(job_of(70))
    monkeypatch.setattr(look, "MOST_A_PAGE", 2)
    videos = {video.remote_id: video for video in driver.every_video()}
    assert set(videos) == {*ids, under_way}
    assert len(box.requests.to(path(box, "video/getVideoList"))) == 3
    assert (videos[ids[0]].state, videos[under_way].state) == (State.BLOCKED, State.PROCESSING)
    # The list does not tell how the audit went.
    assert videos[ids[2]].state is None
    assert (videos[ids[1]].category, videos[ids[2]].category) == (category, "")


def test_a_video_is_renamed(box: Sandbox, driver: Baijiayun, video_id: str) -> None:
    driver.rename_video(video_id, "新名字")
    assert box.videos("baijiayun")[0]["title"] == "新名字"


def test_a_video_is_blocked_and_shown_again(driver: Baijiayun, video_id: str) -> None:
    driver.block_video(video_id)
    assert state_of(driver, video_id) == State.BLOCKED
    driver.unblock_video(video_id)
    assert state_of(driver, video_id) == State.PUBLISHED


def test_definitions_are_made_and_removed_and_the_source_goes_last(
    box: Sandbox, driver: Baijiayun, video_id: str
) -> None:
    def made() -> set[str]:
        info = driver.api.get_info(video_id)
        assert info is not None
        return {f"{file.definition} {file.type}" for file in info.files}

    driver.remove_definitions(video_id, ["16"], ["2", "4"])
    assert made() & {"low flv", "low m3u8"} == set()
    driver.remove_definitions(video_id, ["16"])
    assert not [found for found in made() if found.startswith("low")]
    driver.transcode_again(video_id, ["16"], ["1"])
    box.clock.advance(200)
    assert "low mp4" in made()
    driver.delete_sources([video_id])
    with pytest.raises(Refused):
        driver.transcode_again(video_id, ["16"])


@pytest.mark.parametrize("removed_before", [[], ["2"], ["2", "4"]])
def test_mp4_is_removed_after_the_other_files_of_its_definition(
    driver: Baijiayun, video_id: str, removed_before: list[str]
) -> None:
    if removed_before:
        driver.remove_definitions(video_id, ["16"], removed_before)
    driver.remove_definitions(video_id, ["16"], ["1", "2", "4"])
    assert "16" not in {copy.definition for copy in driver.copies(video_id)}


def test_mp4_stays_while_another_file_of_its_definition_is_to_stay(driver: Baijiayun, video_id: str) -> None:
    with pytest.raises(Refused):
        driver.remove_definitions(video_id, ["16"], ["1", "2"])
    assert {copy.format for copy in driver.copies(video_id) if copy.definition == "16"} == {"1", "4"}


def test_the_choices_of_definitions_and_formats_are_the_platforms() -> None:
    assert {choice.value for choice in Baijiayun.definitions} == {"16", "1", "2", "4", "8"}
    assert {choice.value for choice in Baijiayun.formats} == {"1", "2", "4"}
    assert {choice.value for choice in Baijiayun.removable_formats} == {"1", "2", "4", "8"}


def test_screenshots_can_be_seen(driver: Baijiayun, video_id: str) -> None:
    pictures = driver.screenshots(video_id)
    assert len(pictures) == 5
    assert all(requests.get(url, timeout=60).status_code == 200 for url in pictures)


def test_a_tree_is_a_list_with_each_category_after_its_parent(driver: Baijiayun) -> None:
    ids = [""]
    for level in range(1, 6):
        ids.append(driver.add_category(f"第{level}级", ids[-1]).remote_id)
    second = driver.add_category("语文")
    assert [(found.remote_id, found.parent_id, found.level) for found in driver.list_categories()] == [
        *((ids[level], ids[level - 1], level) for level in range(1, 6)),
        (second.remote_id, "", 1),
    ]
    with pytest.raises(Refused):
        driver.add_category("第6级", ids[-1])


def test_one_category_is_refreshed_with_those_below_it(driver: Baijiayun) -> None:
    maths = driver.add_category("数学")
    child = driver.add_category("三年级", maths.remote_id)
    assert driver.refresh_category(maths.remote_id) == (maths, child)
    # What is above all others is the platform's own, and no category.
    assert driver.refresh_category("0") == (maths,)


def test_a_category_with_videos_stays(driver: Baijiayun, video_id: str) -> None:
    category = driver.add_category("数学").remote_id
    driver.set_category(video_id, category)
    assert [video.remote_id for video in driver.category_videos(category)] == [video_id]
    with pytest.raises(Refused):
        driver.delete_category(category)
    driver.set_category(video_id, "")
    driver.delete_category(category)
    assert driver.list_categories() == ()


def test_videos_of_a_category_come_over_all_pages(
    box: Sandbox, driver: Baijiayun, monkeypatch: pytest.MonkeyPatch
) -> None:
    maths = driver.add_category("数学").remote_id
    third = driver.add_category("三年级", maths).remote_id
    ids = {transcoded(box, driver, size=50 + number) for number in range(3)}
    for found in ids:
        driver.set_category(found, third)
    monkeypatch.setattr(look, "MOST_A_CATEGORY_PAGE", 2)
    videos = list(driver.category_videos(maths))
    assert {video.remote_id for video in videos} == ids
    assert {video.category for video in videos} == {third}


def test_subtitles_live_as_long_as_their_owner_wants(driver: Baijiayun, video_id: str) -> None:
    chinese = driver.add_subtitle(video_id, "中文", VTT)
    english = driver.add_subtitle(video_id, "English", VTT)
    driver.set_default_subtitle(video_id, chinese.remote_id)
    driver.rename_subtitle(english.remote_id, "英文")
    found = {subtitle.remote_id: (subtitle.name, subtitle.is_default) for subtitle in driver.list_subtitles(video_id)}
    assert found == {chinese.remote_id: ("中文", True), english.remote_id: ("英文", False)}
    driver.delete_subtitle(chinese.remote_id)
    assert [subtitle.remote_id for subtitle in driver.list_subtitles(video_id)] == [english.remote_id]


@pytest.mark.parametrize("name", ["zh.ass", "zh.vtt.exe", "zh"])
def test_only_vtt_and_srt_files_are_subtitles(box: Sandbox, driver: Baijiayun, name: str) -> None:
    assert Baijiayun.subtitle_extensions == {"vtt", "srt"}
    with pytest.raises(Refused) as caught:
        driver.add_subtitle("1", "中文", BytesSource(VTT.data, name))
    assert caught.value.field == "subtitle"
    assert len(box.requests) == 0


def test_player_tokens_of_one_and_of_many_open_the_player(box: Sandbox, driver: Baijiayun, video_id: str) -> None:
    other = transcoded(box, driver, size=77)
    tokens = {**driver.play_tokens([video_id], 60), **driver.play_tokens([video_id, other], 60)}
    assert set(tokens) == {video_id, other}
    page = driver.embed_code(other).page_url.partition("?")[0]
    assert requests.get(page, {"vid": other, "token": tokens[other]}, timeout=60).status_code == 200
    box.clock.advance(61)
    assert requests.get(page, {"vid": other, "token": tokens[other]}, timeout=60).status_code == 403


def test_play_addresses_come_in_every_container_that_the_video_has(
    box: Sandbox, driver: Baijiayun, video_id: str
) -> None:
    addresses = driver.play_addresses(video_id)
    assert {address.container for address in addresses} == {"mp4", "m3u8", "flv"}
    assert {address.definition for address in addresses} <= {"Standard (SD)", "High (HD)"}
    assert all(requests.get(address.url, timeout=60).status_code == 200 for address in addresses)
    only_mp4 = transcoded(box, driver, size=55, options={"definition": "16", "format": "1"})
    assert {address.container for address in driver.play_addresses(only_mp4)} == {"mp4"}


def test_a_video_that_plays_nowhere_says_why(driver: Baijiayun, video_id: str) -> None:
    driver.block_video(video_id)
    with pytest.raises(Refused) as caught:
        driver.play_addresses(video_id)
    assert "屏蔽" in str(caught.value.sentence.params["words"])


def test_the_embed_code_shows_the_player(driver: Baijiayun, video_id: str) -> None:
    code = driver.embed_code(video_id)
    assert requests.get(code.page_url, timeout=60).status_code == 200
    assert code.page_url.partition("?")[0] in requests.get(code.script_url, timeout=60).text


@pytest.mark.usefixtures("noon")
def test_plays_of_videos_days_and_the_account_add_up(box: Sandbox, driver: Baijiayun, video_id: str) -> None:
    other = transcoded(box, driver, size=77)
    now, day = datetime.now(BEIJING), today()
    for video, count in ((video_id, 1), (other, 2)):
        for _ in range(count):
            box.baijiayun.add_play(int(video), now.timestamp())
    box.baijiayun.add_play(int(other), (now - timedelta(days=1)).timestamp())
    before = day - timedelta(days=1)
    assert driver.plays_by_day(before, day, other) == {before: 1, day: 2}
    assert driver.plays_by_day(before, day) == {before: 1, day: 3}
    assert list(driver.most_played(before, day).items()) == [(other, 3), (video_id, 1)]


def test_traffic_of_one_video_is_asked_for_month_by_month(box: Sandbox, driver: Baijiayun, video_id: str) -> None:
    first, middle, last = date(2026, 1, 31), date(2026, 2, 14), date(2026, 3, 1)
    for day in (first, middle, last):
        box.baijiayun.add_flow(int(video_id), 1000, day)
    assert driver.traffic(first, last, video_id) == 3000
    assert len(box.requests.to(path(box, "video_data/getUsedFlow"))) == 3
    assert driver.traffic(first, last) == 3000
    assert driver.traffic_by_day(last, last + timedelta(days=1)) == {last: 1000, last + timedelta(days=1): 0}
    assert list(driver.traffic_by_video(middle)) == [(video_id, 1000)]


@pytest.mark.parametrize(
    ("first", "last", "spans"),
    [
        ((2026, 11, 1), (2026, 11, 1), [("2026-11-01", "2026-11-01")]),
        ((2026, 12, 31), (2027, 1, 1), [("2026-12-31", "2026-12-31"), ("2027-01-01", "2027-01-01")]),
        ((2024, 2, 29), (2024, 4, 2), [("2024-02-29", "2024-02-29"), ("2024-03-01", "2024-03-31"),
                                       ("2024-04-01", "2024-04-02")]),
        ((2026, 11, 2), (2026, 11, 1), []),
    ],
)  # fmt: skip
def test_a_span_is_cut_into_months(first: tuple[int, ...], last: tuple[int, ...], spans: list[tuple[str, str]]) -> None:
    found = figures.months(date(*first), date(*last))
    assert [(begin.isoformat(), end.isoformat()) for begin, end in found] == spans


def test_viewings_of_several_days_come_day_by_day(
    box: Sandbox, driver: Baijiayun, video_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_RECORDS_A_PAGE", 2)
    noon = datetime.combine(today() - timedelta(days=2), datetime.min.time(), BEIJING) + timedelta(hours=12)
    for number in range(3):
        box.baijiayun.add_play(int(video_id), (noon + timedelta(minutes=number)).timestamp(), user_name=f"{number}")
    box.baijiayun.add_play(int(video_id), (noon + timedelta(days=1)).timestamp(), user_name="3", client_type=4)
    box.baijiayun.add_play(int(video_id), (noon - timedelta(days=1)).timestamp(), user_name="too early")
    for whose in (video_id, ""):
        records = list(driver.play_records(noon, noon + timedelta(days=1, hours=1), whose))
        assert [record.user_name for record in records] == ["0", "1", "2", "3"]
    assert (records[0].began_at, records[0].remote_id, records[0].client) == (noon, video_id, "Computer browser")
    assert records[3].client == "Phone browser"
    assert len({record.record_id for record in records}) == 4


def test_no_day_is_asked_for_twice_and_none_is_left_out() -> None:
    begin = datetime(2026, 11, 1, 22, 30, tzinfo=BEIJING)
    spans = list(figures.days(begin, begin + timedelta(hours=27)))
    assert [(first.strftime("%d %H:%M:%S"), last.strftime("%d %H:%M:%S")) for first, last in spans] == [
        ("01 22:30:00", "01 23:59:59"), ("02 00:00:00", "02 23:59:59"), ("03 00:00:00", "03 01:30:00"),
    ]  # fmt: skip
