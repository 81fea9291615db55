from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import oss2
import pytest
import time_machine

from platforms.drivers.youku import upload_oss
from platforms.drivers.youku.results import Sts
from platforms.drivers.youku.storage import SentPart, Storage, StsExpired
from platforms.errors import BadAnswer, PlatformError, Refused, SessionLost, Temporary
from platforms.transport.crc64 import Crc64
from platforms.values import say
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import CONNECTIONS, after
from tests.drivers.on_youku import PART, job_of, lost, make_small_and_quick, refuses, stopped, stopped_in, youku

BUCKET = "/yk-source-upload"
COMPLETED = b'<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>'
RENEW = "/youku/uploads/get_sts_inf.json"
BEGUN = 3  # checkpoints until the multipart upload is begun


@pytest.fixture(autouse=True)
def small(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_and_quick(box, monkeypatch)


def parts_sent(box: Sandbox) -> int:
    return len([call for call in box.requests.to(BUCKET, "PUT") if call.status == 200])


def oss_says(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>m</Message><StringToSign>PUT secret</StringToSign></Error>"
    return Answer(status, body.encode(), "application/xml", {"x-oss-request-id": "REQUEST1"})


def has_the_file(box: Sandbox, job: Any) -> bool:
    return [row["md5"] for row in box.videos("youku")] == [job.source.md5]


def test_it_asks_the_storage_which_parts_it_has(box: Sandbox) -> None:
    job = stopped(youku(box), 6 * PART, BEGUN + 1)
    before = parts_sent(box)
    youku(box).upload(job)
    assert has_the_file(box, job)
    assert 0 < before < 6
    assert parts_sent(box) <= 6 + CONNECTIONS


def test_a_part_of_another_length_is_sent_again(box: Sandbox) -> None:
    job = stopped(youku(box), 4 * PART, BEGUN + 2)
    token = job.token
    job.stored = token | {"part_size": token["part_size"] * 2}
    youku(box).upload(job)
    assert has_the_file(box, job)


def test_access_is_renewed_before_it_expires(box: Sandbox) -> None:
    job = stopped(youku(box), 4 * PART, BEGUN + 1)
    job.stored["sts"]["renew_at"] = time.time() - 1
    youku(box).upload(job)
    assert len(box.requests.to(RENEW)) == 1
    assert [call.status for call in box.requests.to(BUCKET) if call.status == 403] == []


def test_access_of_an_hour_is_renewed_five_minutes_early() -> None:
    assert renewal(3600) == pytest.approx(3300)


def test_access_of_a_minute_is_renewed_twelve_seconds_early() -> None:
    assert renewal(60) == pytest.approx(48)


def test_a_time_that_a_wrong_clock_takes_for_past_is_not_renewed_at_every_part() -> None:
    assert renewal(-5) is None


def renewal(seconds: float) -> float | None:
    """After how many seconds access that expires in `seconds` is renewed."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
        renew_at = upload_oss.as_token(Sts("endpoint", "id", "secret", "token", expires_at))["renew_at"]
        return None if renew_at is None else renew_at - time.time()


def test_a_part_refused_for_expired_access_is_renewed_once_and_sent_again(box: Sandbox) -> None:
    job = stopped(youku(box), 6 * PART, BEGUN)
    box.oss.expire_credentials()
    youku(box).upload(job)
    assert has_the_file(box, job)
    assert len(box.requests.to(RENEW)) == 1


def test_parts_that_were_refused_together_renew_their_access_once(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[Storage] = []
    together, send = threading.Barrier(4), Storage.upload_part

    def refuse_the_first_access(storage: Storage, *args: Any) -> SentPart:
        if storage is (refused or [storage])[0]:
            refused.append(storage)
            together.wait(60)
            raise StsExpired(say("expired"))
        return send(storage, *args)

    monkeypatch.setattr(Storage, "upload_part", refuse_the_first_access)
    job = job_of(6 * PART)
    youku(box).upload(job)
    assert has_the_file(box, job)
    assert (len(refused), len(box.requests.to(RENEW))) == (4, 1)


def test_access_that_is_refused_however_often_it_is_renewed_ends_the_try(box: Sandbox) -> None:
    box.block(BUCKET, oss_says(403, "SecurityTokenExpired"), times=1000)
    with pytest.raises(Temporary):
        youku(box).upload(job_of())
    assert len(box.requests.to(RENEW)) == upload_oss.MOST_REFUSALS


def test_youku_out_of_reach_does_not_stop_parts_whose_access_still_works(box: Sandbox) -> None:
    job = stopped(youku(box), 4 * PART, BEGUN + 1)
    job.stored["sts"]["renew_at"] = time.time() - 1
    box.block(RENEW, Answer(503), times=3)
    youku(box).upload(job)
    assert has_the_file(box, job)
    assert len(box.requests.to(RENEW)) == 3


def test_a_part_that_arrived_damaged_is_sent_again(box: Sandbox) -> None:
    job = stopped(youku(box), 3 * PART, BEGUN)
    wrong = {"ETag": '"0"', "x-oss-hash-crc64ecma": "1"}
    box.block(BUCKET, Answer(200, b"", headers=wrong), times=2, method="PUT")
    youku(box).upload(job)
    assert has_the_file(box, job)


def test_a_part_that_never_arrives_whole_ends_the_try(box: Sandbox) -> None:
    wrong = {"ETag": '"0"', "x-oss-hash-crc64ecma": "1"}
    box.block(BUCKET, Answer(200, b"", headers=wrong), times=1000, method="PUT")
    job = job_of()
    with pytest.raises(PlatformError) as caught:
        youku(box).upload(job)
    assert caught.value.kind == "Corrupted"
    assert len(box.requests.to(BUCKET, "PUT")) == 3


@pytest.mark.parametrize("fault", [Answer(close=True), Answer(503), oss_says(500, "InternalError"), lost()])
def test_a_part_that_fails_in_passing_is_repeated_at_once(box: Sandbox, fault: Answer) -> None:
    job = stopped(youku(box), 3 * PART, BEGUN)
    box.block(BUCKET, fault, times=2, method="PUT")
    youku(box).upload(job)
    assert has_the_file(box, job)


def test_an_upload_that_the_storage_has_dropped_starts_again(box: Sandbox) -> None:
    job = stopped(youku(box), 6 * PART, BEGUN)
    box.block(BUCKET, oss_says(404, "NoSuchUpload"), method="GET")
    with pytest.raises(SessionLost):
        youku(box).upload(job)


def test_a_completion_whose_answer_was_lost_is_found_by_its_object(box: Sandbox) -> None:
    job = job_of(3 * PART)
    complete_is_lost(box)
    with pytest.raises(Temporary):
        youku(box).upload(job)
    sent = parts_sent(box)
    youku(box).upload(after(job))
    assert has_the_file(box, job)
    assert parts_sent(box) == sent


def completion_says(box: Sandbox, crc: int) -> None:
    """The storage answers another checksum of the whole object."""
    take, said = (
        box.blocks.take,
        Answer(200, COMPLETED, "application/xml", {"ETag": '"1"', "x-oss-hash-crc64ecma": str(crc)}),
    )

    def other(request: Any) -> Answer | None:
        return said if request.method == "POST" and "uploadId" in request.query else take(request)

    box.blocks.take = other  # type: ignore[method-assign]


def test_an_object_of_other_bytes_is_never_handed_in(box: Sandbox) -> None:
    completion_says(box, 1)
    with pytest.raises(SessionLost) as caught:
        youku(box).upload(job_of(3 * PART))
    assert caught.value.call == "CompleteMultipartUpload"
    assert box.requests.to("/youku/uploads/commit.json") == []
    assert len(box.requests.to("/youku/uploads/cancel.json")) == 1


def test_the_checksum_of_what_an_earlier_run_sent_counts_too(box: Sandbox) -> None:
    """A part whose checksum was not stored is read again, not sent again."""
    job = stopped_in(youku(box), 6 * PART, "completing")
    sent = parts_sent(box)
    job.stored["crcs"] = job.stored["crcs"][:0]
    completion_says(box, crc_of(job.source.data))
    with pytest.raises(SessionLost) as caught:
        # The sandbox has not made the object: only the checksum is believed here.
        youku(box).upload(job)
    assert caught.value.call == "commit_upload"
    assert parts_sent(box) == sent


def crc_of(data: bytes) -> int:
    checksum = Crc64()
    checksum.update(data)
    return checksum.value


def test_the_token_stays_small_however_many_parts_were_sent(box: Sandbox) -> None:
    job = job_of(40 * PART)
    youku(box).upload(job)
    assert max(len(str(token.get("crcs", ""))) for token in job.history) < 500


def complete_is_lost(box: Sandbox) -> None:
    """Lose the answer to the one POST with an upload id."""
    take = box.blocks.take

    def lose(request: Any) -> Answer | None:
        return lost() if request.method == "POST" and "uploadId" in request.query else take(request)

    box.blocks.take = lose  # type: ignore[method-assign]


def test_a_lost_completion_without_an_object_starts_again(box: Sandbox) -> None:
    job = stopped_in(youku(box), 3 * PART, "completing")
    box.block(BUCKET, oss_says(404, "NoSuchUpload"), method="GET")
    with pytest.raises(SessionLost):
        youku(box).upload(job)
    assert box.requests.to("/youku/uploads/commit.json") == []


def test_a_part_that_is_missing_at_the_end_is_sent_in_the_next_try(box: Sandbox) -> None:
    job = stopped_in(youku(box), 3 * PART, "completing")
    empty = b"<R><IsTruncated>false</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker></R>"
    box.block(BUCKET, Answer(200, empty, "application/xml"), method="GET")
    with pytest.raises(Temporary):
        youku(box).upload(job)
    assert job.token["step"] == "sending"
    youku(box).upload(after(job))
    assert has_the_file(box, job)


def test_a_list_of_parts_that_does_not_end_is_a_bad_answer(box: Sandbox) -> None:
    job = stopped(youku(box), 3 * PART, BEGUN + 1)
    endless = b"<R><IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker></R>"
    box.block(BUCKET, Answer(200, endless, "application/xml"), times=1000, method="GET")
    with pytest.raises(BadAnswer):
        youku(box).upload(job)


def test_parts_on_several_pages_are_all_found(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped_in(youku(box), 5 * PART, "completing")
    list_parts = oss2.Bucket.list_parts
    monkeypatch.setattr(oss2.Bucket, "list_parts", lambda *args, **more: list_parts(*args, **more, max_parts=2))
    youku(box).upload(job)
    assert has_the_file(box, job)
    assert [call.values["part-number-marker"] for call in box.requests.to(BUCKET, "GET")] == ["", "2", "4"]


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "AccessDenied", "NoSuchBucket"])
def test_what_the_storage_refuses_is_told_without_what_was_signed(box: Sandbox, code: str) -> None:
    box.block(BUCKET, oss_says(403, code), times=1000)
    with pytest.raises(Refused) as caught:
        youku(box).upload(job_of())
    assert (caught.value.code, caught.value.call) == (code, "InitiateMultipartUpload")
    assert caught.value.detail == f"HTTP 403 {code} request REQUEST1"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("body", [b"<html>", b"", b"<InitiateMultipartUploadResult/>", b"{}"])
def test_an_answer_of_another_shape_names_its_call(box: Sandbox, body: bytes) -> None:
    box.block(BUCKET, Answer(200, body), times=1000, method="POST")
    with pytest.raises(BadAnswer) as caught:
        youku(box).upload(job_of())
    assert caught.value.sentence.params["call"] == "InitiateMultipartUpload"


def test_a_storage_address_that_is_none_is_a_bad_answer(box: Sandbox) -> None:
    job = stopped(youku(box), PART, 2)
    job.stored["sts"]["endpoint"] = "no address"
    with pytest.raises(BadAnswer):
        youku(box).upload(job)


def test_an_upload_task_that_expired_starts_again(box: Sandbox) -> None:
    job = stopped(youku(box), 3 * PART, BEGUN + 1)
    box.oss.expire_credentials()
    box.youku.expire_upload()
    with pytest.raises(SessionLost):
        youku(box).upload(job)


def test_a_commit_whose_answer_was_lost_is_not_taken_for_a_lost_upload(box: Sandbox) -> None:
    job = job_of(2 * PART)
    box.block("/youku/uploads/commit.json", lost())
    with pytest.raises(Temporary):
        youku(box).upload(job)
    sent = parts_sent(box)
    assert youku(box).upload(after(job)) == box.videos("youku")[0]["id"]
    assert parts_sent(box) == sent


def test_a_first_commit_of_an_unknown_task_starts_again(box: Sandbox) -> None:
    box.block("/youku/uploads/commit.json", refuses(120010151))
    with pytest.raises(SessionLost):
        youku(box).upload(job_of())


def test_a_commit_that_failed_in_passing_is_repeated_without_sending_bytes_again(box: Sandbox) -> None:
    job = job_of(2 * PART)
    box.block("/youku/uploads/commit.json", refuses(120010152))
    with pytest.raises(Temporary):
        youku(box).upload(job)
    sent = parts_sent(box)
    youku(box).upload(after(job))
    assert has_the_file(box, job)
    assert parts_sent(box) == sent


def test_another_id_in_the_answer_to_commit_is_announced_too(box: Sandbox) -> None:
    job = job_of()
    box.block("/youku/uploads/commit.json", Answer(200, b'{"video_id": "XOTHER"}', "application/json"))
    assert youku(box).upload(job) == "XOTHER"
    assert job.announced == [box.videos("youku")[0]["id"], "XOTHER"]
