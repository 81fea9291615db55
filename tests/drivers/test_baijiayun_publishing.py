from __future__ import annotations

import pytest

from platforms.drivers.baijiayun import upload
from platforms.errors import BadAnswer, LoginExpired, Refused, SessionLost, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import after
from tests.drivers.on_baijiayun import KIB, LOST, baijiayun, job_of, path, says

UPLOAD = "/baijiayun-upload/"


def test_a_small_file_goes_as_one_form(box: Sandbox) -> None:
    job = job_of(100 * KIB + 7)
    video_id = baijiayun(box).upload(job)
    (video,) = box.videos("baijiayun")
    assert (video["id"], video["md5"], video["size"]) == (video_id, job.source.md5, job.source.size)
    (call,) = box.requests.to(UPLOAD)
    assert call.headers["content-type"].startswith("multipart/form-data")
    assert int(call.headers["content-length"]) > job.source.size


def test_it_asks_for_definitions_formats_encryption_and_secure_addresses(box: Sandbox) -> None:
    options = {"definition": "16,4", "format": "1,4", "encrypt": "1", "audio_with_view": ""}
    box.baijiayun.encryption = True
    baijiayun(box).upload(job_of(options=options))
    (call,) = box.requests.to(path(box, "video/getUploadUrl"))
    sent = {name: call.values[name] for name in ("definition", "format", "encrypt", "use_https", "file_name")}
    assert sent == {
        "definition": "16,4", "format": "1,4", "encrypt": "1", "use_https": "1", "file_name": "第一课 认识分数.mp4",
    }  # fmt: skip
    assert "audio_with_view" not in call.values


def test_sound_is_sent_as_sound(box: Sandbox) -> None:
    job = job_of(name="lesson.mp3", options={"definition": "16", "audio_with_view": "1"})
    baijiayun(box).upload(job)
    (call,) = box.requests.to(path(box, "video/getUploadUrl"))
    assert call.values["audio_with_view"] == "1"
    assert box.videos("baijiayun")[0]["md5"] == job.source.md5


def test_the_file_is_read_while_it_is_sent(box: Sandbox) -> None:
    job = job_of(5 * 1024 * KIB)
    baijiayun(box).upload(job)
    assert max(length for _, length in job.source.reads) <= 1024 * KIB
    assert sum(length for _, length in job.source.reads) == job.source.size


def test_a_large_file_goes_in_chunks_one_after_the_other(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "LARGEST_WHOLE", 16 * KIB)
    monkeypatch.setattr(upload, "SMALLEST_CHUNK", 16 * KIB)
    monkeypatch.setattr(upload, "LARGEST_CHUNK", 16 * KIB)
    job = job_of(40 * KIB)
    baijiayun(box).upload(job)
    ranges = [call.headers["content-range"] for call in box.requests.to(UPLOAD)]
    assert ranges == ["bytes 1-16384/40960", "bytes 16385-32768/40960", "bytes 32769-40960/40960"]
    assert box.videos("baijiayun")[0]["md5"] == job.source.md5


def test_the_upload_address_says_success_with_one(box: Sandbox) -> None:
    box.block(UPLOAD, says(0), times=9)
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    with pytest.raises(Refused) as caught:
        baijiayun(box).upload(after(job))
    assert caught.value.call == "upload_file"


def test_a_video_of_other_bytes_is_deleted_and_the_upload_starts_again(box: Sandbox) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"video_id": 1, "status": 20, "file_md5": "0" * 32}))
    job = job_of()
    with pytest.raises(SessionLost) as caught:
        baijiayun(box).upload(job)
    assert caught.value.sentence.params["theirs"] == "0" * 32
    # The hub forgets the upload session: the next try creates another video.
    baijiayun(box).upload(job_of())
    states = {video["id"]: (video["state"] == "deleted", video["md5"]) for video in box.videos("baijiayun")}
    assert states.pop(job.announced[0])[0]
    assert [*states.values()] == [(False, job.source.md5)]


def test_a_lost_answer_to_the_deletion_of_other_bytes_starts_again_too(box: Sandbox) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"video_id": 1, "status": 20, "file_md5": "0" * 32}))
    box.block(path(box, "video/delete"), LOST)
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    with pytest.raises(SessionLost):
        baijiayun(box).upload(after(job))
    assert [video["state"] for video in box.videos("baijiayun")] == ["deleted"]


@pytest.mark.parametrize("theirs", ["", "computing", "upper"])
def test_what_is_no_other_md5_deletes_nothing(box: Sandbox, theirs: str) -> None:
    job = job_of()
    said = job.source.md5.upper() if theirs == "upper" else theirs
    box.block(path(box, "video/getInfo"), says(0, {"video_id": 1, "status": 20, "file_md5": said}))
    baijiayun(box).upload(job)
    assert [video["md5"] for video in box.videos("baijiayun")] == [job.source.md5]


@pytest.mark.parametrize("answer", [says(0, {"video_id": 1, "status": 20}), says(0), says(77, msg="稍后再试")])
def test_a_platform_that_does_not_tell_its_md5_is_believed(box: Sandbox, answer: Answer) -> None:
    box.block(path(box, "video/getInfo"), answer)
    assert baijiayun(box).upload(job_of()) == box.videos("baijiayun")[0]["id"]


def test_a_refused_video_keeps_the_words_and_can_be_corrected(box: Sandbox) -> None:
    job = job_of(title="违禁 第一课")
    with pytest.raises(Refused) as caught:
        baijiayun(box).upload(job)
    assert caught.value.sentence.params["words"] == "文件名含有违禁内容"
    assert job.token == {}
    assert box.videos("baijiayun") == []


def test_a_wrong_key_is_the_accounts_trouble_and_not_the_videos(box: Sandbox) -> None:
    job = job_of()
    with pytest.raises(LoginExpired) as caught:
        baijiayun(box, partner_key="wrong-partner-key", secret_key="").upload(job)
    assert "partner_key" in caught.value.sentence.text
    assert job.token == {}


@pytest.mark.parametrize("data", [None, [], {"video_id": 5}, {"upload_url": "http://x/"}])
def test_a_created_video_without_id_or_address_may_be_there(box: Sandbox, data: object) -> None:
    box.block(path(box, "video/getUploadUrl"), says(0, data))
    job = job_of()
    with pytest.raises(BadAnswer) as caught:
        baijiayun(box).upload(job)
    assert caught.value.maybe_done
    assert job.token["step"] == "creating"
