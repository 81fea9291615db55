"""The public client `baijiayun` and ours make the same requests, and the sandbox takes both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from itertools import count

import pytest
from baijiayun import BaiJiaYunClient
from baijiayun.client.api.video import Video
from baijiayun.client.api.video_account import VideoAccount
from baijiayun.client.api.video_data import VideoData
from baijiayun.storage.memorystorage import MemoryStorage

from platforms.drivers.baijiayun.client import sign
from platforms.drivers.baijiayun.driver import Baijiayun
from sandbox.server import Sandbox
from tests.agreement.cases import Case, call, facts, public_methods
from tests.agreement.wire import REAL_ADDRESSES, Difference, Wire, differences, wired_sandbox
from tests.drivers.lent import MemoryAccess
from tests.drivers.on_baijiayun import job_of, transcoded
from tests.sandbox.receiver import receiver

BEIJING = timezone(timedelta(hours=8))
#: Made anew by every request.
FRESH = frozenset({"timestamp", "sign"})
SIZES = count(201)


@dataclass
class World:
    """An account with a published video, one that is still being uploaded, and a category."""

    box: Sandbox
    client: BaiJiaYunClient
    driver: Baijiayun
    video: str
    unfinished: str
    category: str
    today: str

    @cached_property
    def other_video(self) -> str:
        """One that a call may change."""
        return transcoded(self.box, self.driver, size=next(SIZES))

    @cached_property
    def other_category(self) -> str:
        return new_category(self.driver, "语文")


def new_category(driver: Baijiayun, name: str) -> str:
    return str(call(driver, "add_category", {"name": name})["data"]["id"])


@pytest.fixture(scope="module")
def wired() -> Iterator[tuple[Sandbox, Wire]]:
    """One sandbox for the file: what a call changes for good is made for that call."""
    with wired_sandbox() as both:
        yield both


@pytest.fixture(scope="module")
def shared(wired: tuple[Sandbox, Wire]) -> World:
    box, _ = wired
    stored = box.credentials("baijiayun")
    driver = Baijiayun(MemoryAccess(REAL_ADDRESSES, dict(stored)))
    client = BaiJiaYunClient(
        stored["partner_id"], stored["secret_key"], stored["private_domain"], storage=MemoryStorage()
    )
    assert client.partner_key == stored["partner_key"]
    video = transcoded(box, driver)
    box.baijiayun.add_play(int(video))
    unfinished = call(driver, "get_upload_url", {"file_name": "b.mp4", "definition": "16"})["data"]["video_id"]
    today = datetime.now(UTC).astimezone(BEIJING).date().isoformat()
    return World(box, client, driver, video, str(unfinished), new_category(driver, "数学"), today)


@pytest.fixture
def world(shared: World) -> World:
    return replace(shared)


def of_video(world: World) -> dict[str, str]:
    return {"video_id": world.video}


def on_days(world: World) -> dict[str, str]:
    return {"start_date": world.today, "end_date": world.today}


def at_times(world: World) -> dict[str, str]:
    return {"start_time": f"{world.today} 00:00:00", "end_time": f"{world.today} 23:59:59"}


def nothing(_: World) -> dict[str, str]:
    return {}


LEFT_OUT = "the document's default is left out, from the request as from the sign"
CASES: tuple[Case[World], ...] = (
    Case(
        "get_partner_key",
        lambda w: w.client.get_partner_key(force=True),
        "create_key",
        nothing,
        (Difference("regenerate", "0", None, LEFT_OUT),),
    ),
    Case(
        "get_upload_url",
        lambda w: w.client.video.get_upload_url("a.mp4", "16,1", 1, "1,4", 2, use_https=1),
        "get_upload_url",
        lambda _: {
            "file_name": "a.mp4", "definition": "16,1", "audio_with_view": "1", "format": "1,4", "encrypt": "2",
        },
    ),
    Case(
        "get_resume_upload_url",
        lambda w: w.client.video.get_resume_upload_url(w.unfinished, use_https=1),
        "get_resume_upload_url",
        lambda w: {"video_id": w.unfinished},
    ),
    Case("get_status", lambda w: w.client.video.get_status(w.video), "get_status", of_video),
    Case("get_info", lambda w: w.client.video.get_info(w.video), "get_info", of_video),
    Case("get_image", lambda w: w.client.video.get_image(w.video), "get_images", of_video),
    Case(
        "remove_definition",
        lambda w: w.client.video.remove_definition(w.other_video, "16", "2"),
        "remove_definition",
        lambda w: {"video_id": w.other_video, "definition": "16", "type": "2"},
        once=True,
    ),
    Case(
        "transcode_again",
        lambda w: w.client.video.transcode_again(w.other_video, "2", "1"),
        "transcode_again",
        lambda w: {"video_id": w.other_video, "definition": "2", "format": "1"},
        once=True,
    ),
    Case(
        "update",
        lambda w: w.client.video.update(w.video, "第二课 & 分数=?"),
        "update_video",
        lambda w: {"video_id": w.video, "name": "第二课 & 分数=?"},
    ),
    Case(
        "delete",
        lambda w: w.client.video.delete(w.other_video),
        "delete_video",
        lambda w: {"video_id": w.other_video},
        once=True,
    ),
    Case("get_category_list", lambda w: w.client.video.get_category_list(), "list_categories", nothing),
    Case(
        "get_category_info",
        lambda w: w.client.video.get_category_info(w.category),
        "get_category",
        lambda w: {"category_id": w.category},
    ),
    Case(
        "add_category",
        lambda w: w.client.video.add_category("三年级", w.category),
        "add_category",
        lambda w: {"name": "三年级", "parent_id": w.category},
        once=True,
    ),
    Case(
        "delete_category",
        lambda w: w.client.video.delete_category(w.other_category),
        "delete_category",
        lambda w: {"category_id": w.other_category},
        once=True,
    ),
    Case(
        "get_category_video",
        lambda w: w.client.video.get_category_video(w.category, 50, 1),
        "list_category_videos",
        lambda w: {"category_id": w.category, "page_size": "50", "page": "1"},
    ),
    Case(
        "set_video_category",
        lambda w: w.client.video.set_video_category(w.video, w.category),
        "set_video_category",
        lambda w: {"video_id": w.video, "category_id": w.category},
    ),
    Case(
        "get_player_token",
        lambda w: w.client.video.get_player_token(w.video, 3600),
        "get_player_token",
        lambda w: {"video_id": w.video, "expires_in": "3600"},
    ),
    Case(
        "get_player_token_batch",
        lambda w: w.client.video.get_player_token_batch(w.video, 3600),
        "get_player_tokens",
        lambda w: {"video_ids": w.video, "expires_in": "3600"},
        (Difference("product_type", None, "5", "newer than this client; said although 5 is its default"),),
    ),
    Case(
        "get_url",
        lambda w: w.client.video.get_url(w.video, "m3u8", 600),
        "get_play_urls",
        lambda w: {"video_id": w.video, "format": "m3u8", "expires_in": "600"},
    ),
    Case(
        "set_publish_status",
        lambda w: w.client.video.set_publish_status(w.other_video, 2),
        "set_publish_status",
        lambda w: {"video_id": w.other_video, "status": "2"},
    ),
    Case("get_share_url", lambda w: w.client.video.get_share_url(w.video), "get_share_urls", of_video),
    Case(
        "get_video_list",
        lambda w: w.client.video.get_video_list(20, 1, datetime.fromisoformat("2026-01-01 10:01:01")),
        "list_videos",
        lambda _: {"page_size": "20", "page": "1", "create_time": "2026-01-01 10:01:01"},
    ),
    Case("get_account_info", lambda w: w.client.videoaccount.get_account_info(), "get_account_info", nothing),
    Case(
        "VideoAccount.get_used_flow",
        lambda w: w.client.videoaccount.get_used_flow(w.today, w.today),
        "get_account_flow",
        on_days,
    ),
    Case(
        "set_transcode_callback_url",
        lambda w: w.client.videoaccount.set_transcode_callback_url("https://hub.example.com/callbacks/7"),
        "set_callback_url",
        lambda _: {"url": "https://hub.example.com/callbacks/7"},
    ),
    Case(
        "get_transcode_callback_url",
        lambda w: w.client.videoaccount.get_transcode_callback_url(),
        "get_callback_url",
        nothing,
    ),
    Case(
        "VideoData.get_used_flow",
        lambda w: w.client.videodata.get_used_flow(w.video, w.today, w.today),
        "get_video_flow",
        lambda w: {**of_video(w), **on_days(w)},
    ),
    Case(
        "get_video_play_record",
        lambda w: w.client.videodata.get_video_play_record(
            w.video, f"{w.today} 00:00:00", f"{w.today} 23:59:59", 1, 1000
        ),
        "list_video_play_records",
        lambda w: {**of_video(w), **at_times(w), "page": "1", "page_size": "1000"},
    ),
    Case(
        "export_video_report_batch",
        lambda w: w.client.videodata.export_video_report_batch(
            f"{w.today} 00:00:00", f"{w.today} 23:59:59", 5, 1, 1000
        ),
        "list_account_play_records",
        lambda w: {**at_times(w), "product_type": "5", "page": "1", "page_size": "1000"},
    ),
    Case(
        "get_video_play_count_rank",
        lambda w: w.client.videodata.get_video_play_count_rank(w.today, w.today, 5),
        "get_play_rank",
        lambda w: {**on_days(w), "product_type": "5"},
    ),
    Case(
        "get_video_daily_play_count",
        lambda w: w.client.videodata.get_video_daily_play_count(w.video, w.today, w.today),
        "get_video_daily_plays",
        lambda w: {**of_video(w), **on_days(w)},
    ),
    Case(
        "get_partner_daily_play_count",
        lambda w: w.client.videodata.get_partner_daily_play_count(w.today, w.today, 5),
        "get_account_daily_plays",
        lambda w: {**on_days(w), "product_type": "5"},
    ),
)  # fmt: skip
OF_LIVE_ROOMS = {"get_playback_play_record"}
#: What the document describes and this client, older than it, does not have.
ONLY_OURS = {
    "upload_file", "delete_origin_videos", "upload_subtitle", "list_subtitles", "rename_subtitle",
    "set_default_subtitle", "delete_subtitle", "get_daily_flow", "list_daily_video_flow", "get_storage_and_flow",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_make_the_same_request(case: Case[World], wire: Wire, world: World) -> None:
    theirs, ours = case.send(wire, world, world.driver)
    assert differences(theirs, ours, FRESH) == facts(case.different)
    assert theirs.status == 200


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.name)
def test_each_computes_the_other_s_sign(case: Case[World], wire: Wire, world: World) -> None:
    theirs, ours = case.send(wire, world, world.driver)
    key = world.client.partner_key
    for sent in (theirs, ours):
        signed = {name: value for name, value in sent.parameters.items() if name != "sign"}
        assert sent.parameters["sign"] == sign(signed, key) == world.client.get_sign(signed)


def test_neither_signs_the_call_that_fetches_the_key(wire: Wire, world: World) -> None:
    for sent in CASES[0].send(wire, world, world.driver):
        assert "sign" not in sent.parameters


def test_an_empty_parameter_is_sent_and_signed_by_the_other_client_only(wire: Wire, world: World) -> None:
    # The document does not say how an empty one is signed: what is not sent cannot be signed wrongly.
    theirs = wire.last(lambda: world.client.video.get_upload_url("a.mp4", "16", 1, "", use_https=1))
    given = {"file_name": "a.mp4", "definition": "16", "audio_with_view": "1", "format": ""}
    ours = wire.last(lambda: call(world.driver, "get_upload_url", given))
    assert differences(theirs, ours, FRESH) == {("format", "", None)}


def test_the_callbacks_of_the_sandbox_carry_a_sign_that_the_client_accepts(box: Sandbox, world: World) -> None:
    with receiver() as owner:
        call(world.driver, "set_callback_url", {"url": owner.url})
        world.driver.upload(job_of(200))
        form = owner.wait_for(1)[0]
    assert world.client.check_sign(form, check_timestamp_second=0)
    assert not world.client.check_sign({**form, "video_id": "1"}, check_timestamp_second=0)


def test_every_call_of_the_client_is_compared() -> None:
    named = {case.name.rpartition(".")[2] for case in CASES}
    known = public_methods(Video) | public_methods(VideoAccount) | public_methods(VideoData) | {"get_partner_key"}
    assert known - named == OF_LIVE_ROOMS
    assert named <= known
    # `get_used_flow` is two calls: of a video and of the account.
    assert len(CASES) == len(named) + 1


def test_every_call_of_ours_is_compared_or_unknown_to_the_client() -> None:
    assert {case.method for case in CASES} | ONLY_OURS == set(Baijiayun.documented_calls())
    assert not {case.method for case in CASES} & ONLY_OURS
