"""A video reaches Youku over OSS, from create to a page that plays it."""

import pytest

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, bucket, code, md5, some_bytes

DATA = some_bytes(300_000)


def test_create_answers_everything_that_an_oss_client_needs(box: Sandbox, youku: YoukuClient):
    answer = youku.create(DATA)

    assert answer.status_code == 201
    assert set(answer.json()) == {
        *("video_id", "upload_token", "endpoint", "security_token", "oss_bucket", "oss_object"),
        *("temp_access_id", "temp_access_secret", "expire_time"),
    }
    assert answer.json()["endpoint"] == box.url


def test_a_committed_video_is_whole_and_plays(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], DATA)

    answer = youku.commit(upload)

    assert (answer.status_code, answer.json()) == (200, {"video_id": upload["video_id"]})
    row = box.videos("youku")[0]
    assert (row["id"], row["state"], row["md5"], row["size"]) == (upload["video_id"], "normal", md5(DATA), len(DATA))
    page = youku.session.get(youku.show(upload["video_id"]).json()["link"])
    source = page.text.split('<video src="')[1].split('"')[0]
    assert youku.session.get(source).content == DATA


def test_who_still_has_credentials_cannot_change_a_committed_video(youku: YoukuClient):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], DATA)
    youku.commit(upload)
    bucket(upload).put_object(upload["oss_object"], b"something else")

    page = youku.session.get(youku.show(upload["video_id"]).json()["link"])
    assert youku.session.get(page.text.split('<video src="')[1].split('"')[0]).content == DATA


def test_commit_before_the_object_is_there(youku: YoukuClient):
    assert code(youku.commit(youku.create(DATA).json())) == 120010151


@pytest.mark.parametrize("sent", [DATA[:-1], DATA[:-1] + b"x", DATA + b"x"])
def test_an_object_that_is_not_the_declared_file_is_damaged(youku: YoukuClient, sent: bytes):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], sent)

    assert code(youku.commit(upload)) == 120010301


def test_a_second_commit_finds_the_task_used_up(youku: YoukuClient):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], DATA)
    youku.commit(upload)

    assert code(youku.commit(upload)) == 120010151


def test_commit_of_another_account_s_upload(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()

    assert code(YoukuClient(box, "second").commit(upload)) == 120010151


def test_the_same_file_twice_by_one_account_is_a_duplicate(box: Sandbox, youku: YoukuClient):
    youku.publish(DATA)

    assert code(youku.create(DATA)) == 120010111
    assert YoukuClient(box, "second").create(DATA).status_code == 201
    assert youku.create(DATA + b"x").status_code == 201


def test_a_file_may_come_again_after_its_video_failed(youku: YoukuClient):
    youku.publish(DATA, title="a [fail]")

    assert youku.create(DATA).status_code == 201


def test_a_file_may_come_again_after_its_video_was_deleted(youku: YoukuClient):
    youku.post("/videos/destroy.json", video_id=youku.publish(DATA))

    assert youku.create(DATA).status_code == 201


def test_an_upload_without_commit_is_no_duplicate(youku: YoukuClient):
    youku.create(DATA)

    assert youku.create(DATA).status_code == 201


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"upload_token": "nothing"}, 120010005),
        ({"oss_object": "another"}, 1013),
        ({"oss_bucket": "another"}, 1013),
        ({"oss_object": ""}, 1012),
    ],
)
def test_credentials_are_renewed_only_for_the_same_object(youku: YoukuClient, changes: dict[str, str], expected: int):
    upload = youku.create(DATA).json()
    names = {name: upload[name] for name in ("upload_token", "oss_bucket", "oss_object")}

    assert code(youku.post("/uploads/get_sts_inf.json", **{**names, **changes})) == expected


def test_an_upload_token_expires(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], DATA)
    box.youku.expire_upload(upload["upload_token"])

    assert code(youku.commit(upload)) == 120010223


def test_a_cancelled_upload_is_gone(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()
    bucket(upload).put_object(upload["oss_object"], DATA)

    answer = youku.get("/uploads/cancel.json", upload_token=upload["upload_token"])

    assert answer.json() == {"upload_token": upload["upload_token"]}
    assert code(youku.commit(upload)) == 120010151
    assert box.videos("youku")[0]["state"] == "cancelled"
    assert box.oss.objects.find(upload["oss_bucket"], upload["oss_object"]) is None


def test_an_upload_can_get_lost(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()
    box.youku.drop_upload(upload["upload_token"])

    assert code(youku.commit(upload)) == 120010151
