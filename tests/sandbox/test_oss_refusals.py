"""What OSS refuses, and under which name."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import oss2
import pytest
import requests
import time_machine
from oss2.models import PartInfo

from sandbox.server import Sandbox
from tests.sandbox.youku_client import KB, Json, YoukuClient, bucket, some_bytes

PART = 100 * KB
DATA = some_bytes(2 * PART)


@pytest.fixture
def upload(youku: YoukuClient) -> Json:
    return dict(youku.create(DATA).json())


def refusal(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        call(*arguments, **named)
    assert caught.value.request_id
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("auth_version", ["v1", "v4"])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"temp_access_secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"temp_access_id": "STS.nobody"}, "InvalidAccessKeyId"),
        ({"security_token": ""}, "InvalidAccessKeyId"),
        ({"security_token": "wrong"}, "InvalidSecurityToken"),
        ({"oss_bucket": "another-bucket"}, "AccessDenied"),
    ],
)
def test_wrong_credentials(upload: Json, auth_version: str, changes: Json, code: str):
    where = bucket(upload, auth_version=auth_version, **changes)

    assert refusal(where.put_object, upload["oss_object"], DATA) == (403, code)


@pytest.mark.parametrize("auth_version", ["v1", "v4"])
def test_expired_credentials(box: Sandbox, upload: Json, auth_version: str):
    box.clock.advance(3601)
    where = bucket(upload, auth_version=auth_version)

    assert refusal(where.put_object, upload["oss_object"], DATA) == (403, "SecurityTokenExpired")


def test_credentials_expire_in_mid_upload(box: Sandbox, upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    where.upload_part(key, upload_id, 1, DATA[:PART])
    box.oss.expire_credentials()

    assert refusal(where.upload_part, key, upload_id, 2, DATA[PART:]) == (403, "SecurityTokenExpired")


def test_another_object(upload: Json):
    assert refusal(bucket(upload).put_object, "another-object", DATA) == (403, "AccessDenied")


def test_lists_beyond_the_own_object(upload: Json):
    assert refusal(bucket(upload).list_multipart_uploads) == (403, "AccessDenied")
    assert refusal(bucket(upload).list_objects) == (403, "AccessDenied")


def test_no_signature(upload: Json):
    answer = requests.put(f"{upload['endpoint']}/{upload['oss_bucket']}/{upload['oss_object']}", data=DATA)

    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def test_a_clock_that_is_wrong(upload: Json):
    where = bucket(upload)
    sign = where.auth._sign_request

    def sign_long_ago(*arguments: Any) -> None:
        with time_machine.travel("2020-01-01 00:00:00+00:00"):
            sign(*arguments)

    where.auth._sign_request = sign_long_ago

    assert refusal(where.put_object, upload["oss_object"], DATA) == (403, "RequestTimeTooSkewed")


def test_a_body_that_is_not_what_its_md5_says(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    other = base64.b64encode(hashlib.md5(b"other").digest()).decode()

    for header in (other, "nonsense"):
        assert refusal(where.put_object, key, DATA, headers={"Content-MD5": header}) == (400, "InvalidDigest")
    right = base64.b64encode(hashlib.md5(DATA).digest()).decode()
    assert where.put_object(key, DATA, headers={"Content-MD5": right}).status == 200


def test_an_object_that_is_not_there(upload: Json):
    where = bucket(upload)

    assert refusal(where.get_object, upload["oss_object"]) == (404, "NoSuchKey")
    with pytest.raises(oss2.exceptions.NotFound):
        where.head_object(upload["oss_object"])


def test_an_upload_that_is_not_there(upload: Json):
    where, key = bucket(upload), upload["oss_object"]

    for call in (where.upload_part, where.complete_multipart_upload):
        arguments = (key, "nothing", 1, DATA) if call == where.upload_part else (key, "nothing", [PartInfo(1, "x")])
        assert refusal(call, *arguments) == (404, "NoSuchUpload")
    assert refusal(where.abort_multipart_upload, key, "nothing") == (404, "NoSuchUpload")


def test_a_completed_upload_takes_no_more(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    part = where.upload_part(key, upload_id, 1, DATA)
    parts = [PartInfo(1, part.etag, size=len(DATA), part_crc=part.crc)]
    where.complete_multipart_upload(key, upload_id, parts)

    assert refusal(where.complete_multipart_upload, key, upload_id, parts) == (404, "NoSuchUpload")


@pytest.mark.parametrize("number", [0, 10001])
def test_part_numbers_out_of_range(upload: Json, number: int):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id

    assert refusal(where.upload_part, key, upload_id, number, DATA) == (400, "InvalidArgument")


def test_small_parts_before_the_last(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    parts = [PartInfo(n, where.upload_part(key, upload_id, n, DATA[: PART - 1]).etag) for n in (1, 2)]

    assert refusal(where.complete_multipart_upload, key, upload_id, parts) == (400, "EntityTooSmall")


def test_parts_with_another_etag_or_never_sent(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    etag = where.upload_part(key, upload_id, 1, DATA).etag

    for parts in ([PartInfo(1, "0" * 32)], [PartInfo(1, etag), PartInfo(2, etag)]):
        assert refusal(where.complete_multipart_upload, key, upload_id, parts) == (400, "InvalidPart")


def test_parts_out_of_order(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    etags = [where.upload_part(key, upload_id, n, DATA).etag for n in (1, 2)]
    nodes = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etags[n - 1]}</ETag></Part>" for n in (2, 1))
    body = f"<CompleteMultipartUpload>{nodes}</CompleteMultipartUpload>"

    assert complete_with(where, key, upload_id, body) == (400, "InvalidPartOrder")


@pytest.mark.parametrize("body", ["", "<not xml", "<CompleteMultipartUpload/>", "<Other><Part/></Other>"])
def test_a_list_of_parts_that_is_none(upload: Json, body: str):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id

    assert complete_with(where, key, upload_id, body) == (400, "MalformedXML")


def complete_with(where: oss2.Bucket, key: str, upload_id: str, body: str) -> tuple[int, str]:
    return refusal(where._do, "POST", where.bucket_name, key, params={"uploadId": upload_id}, data=body)
