from __future__ import annotations

from platforms.drivers.baijiayun.client import sign
from sandbox.server import Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_baijiayun import baijiayun, job_of, path


def test_the_sign_has_the_published_check_value() -> None:
    params = {"partner_id": "12345", "timestamp": "1596096142", "video_id": "456"}
    assert sign(params, "8jewu3j93jjewi3jwj90093jkyu") == "95b1618b51f5e38f1889f1bee9d54c00"


def test_parameters_are_sorted_by_their_bytes() -> None:
    assert sign({"b": "1", "a": "2", "Z": "3"}, "k") == sign({"Z": "3", "a": "2", "b": "1"}, "k")
    assert sign({"a": "2", "Z": "3"}, "k") != sign({"a": "3", "Z": "2"}, "k")


def test_the_platform_accepts_the_sign_of_any_text(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = driver.upload(job_of(title="第一课 a&b=c+d %20 “引号”"))
    driver.api.update_video(video_id, "新名 x&y=z +%")
    assert box.videos("baijiayun")[0]["title"] == "新名 x&y=z +%"


def test_an_empty_parameter_is_neither_signed_nor_sent(box: Sandbox) -> None:
    baijiayun(box).upload(job_of())
    (call,) = box.requests.to(path(box, "video/getUploadUrl"))
    assert not {"format", "encrypt", "audio_with_view"} & set(call.values)


def test_the_keys_are_never_sent(box: Sandbox) -> None:
    baijiayun(box).upload(job_of())
    credentials = box.credentials("baijiayun")
    sent = [value for call in box.requests for value in (*call.values.values(), *call.headers.values())]
    assert not {credentials["partner_key"], credentials["secret_key"]} & set(sent)


def test_a_file_is_not_part_of_the_sign(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = driver.upload(job_of())
    file = BytesSource("WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n".encode(), "zh.vtt")
    subtitle = driver.api.upload_subtitle(video_id, "中文", file)
    assert [found.subtitle_id for found in driver.api.list_subtitles(video_id)] == [subtitle.subtitle_id]
