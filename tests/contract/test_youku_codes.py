"""Every code of Youku's documents, and of the storage behind it, becomes its kind of error, its field and its sentence.

All are answered once word for word; those that the simulated platform gives by itself are also brought about.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from platforms.drivers.youku import mapping
from platforms.drivers.youku.storage import Session, Storage, StsExpired
from platforms.drivers.youku.upload_oss import as_token
from platforms.errors import (
    BadAnswer,
    Corrupted,
    Duplicate,
    Gone,
    LoginExpired,
    PlatformError,
    QuotaReached,
    Refused,
    SessionLost,
    Temporary,
)
from sandbox.server import Answer, Sandbox
from sandbox.youku.errors import DESCRIPTIONS
from tests.contract.codes import expected_rows, full_sentence, raised
from tests.contract.documents import ROWS
from tests.contract.worlds import GIVEN, YoukuWorld
from tests.drivers.lent import MemoryAccess, MemoryJob, draft_for

#: What the caller does next and at which form field, by code: the document's list in our words.
EXPECTED = expected_rows(
    {
        (Temporary, ""): """
            1001 1002 120010001 120010152 120010207 120010208 120010211 120010212 120010213 120010215 120010217
            120010219 120010220 120010221 120010222 130011204
        """,
        (QuotaReached, ""): "1003 120010210",
        (LoginExpired, "access_token"): "1007 1008 1009 120010004",
        (LoginExpired, "refresh_token"): "130011207",
        (Refused, "client_id"): "1004 1005 130011205 130011206 130011208",
        (Refused, ""): "1006 1010 1011 1012 1013 120010224 130011201 130011202 130011203 130011209",
        (Refused, "title"): "120010101 120010102 120010104 120010105",
        (Refused, "tags"): "120010106 120010121 120010122 120010123 102210123 120010124 120010125",
        (Refused, "description"): "120010108 120010141 120010142",
        (Refused, "watch_password"): "120010145",
        (Refused, "file"): "120010113",
        (Duplicate, "file"): "120010111",
        (SessionLost, ""): "120010005 120010151 120010205 120010206 120010216 120010223 120010301",
        (Corrupted, ""): "120010218 120010225 12001010225",
        (Gone, ""): "120020001",
    }
)
EXPECTED_OF_CALLS = {
    ("exchange_code", "130011207"): (Refused, ""),
    ("exchange_code", "130011208"): (Refused, "client_secret"),
}


@pytest.fixture
def world(box: Sandbox, tmp_path: Any) -> YoukuWorld:
    return YoukuWorld(box, tmp_path)


def error_answer(code: str, words: str) -> Answer:
    body = {"error": {"code": int(code), "type": "UploadsException", "description": words}}
    return Answer(400, json.dumps(body).encode(), "application/json")


# Word for word.


def test_the_table_has_the_documents_codes_and_no_other() -> None:
    assert {str(code) for code in mapping.ERRORS} == set(EXPECTED)
    assert {(call, str(code)) for call, code in mapping.ERRORS_OF_CALLS} == set(EXPECTED_OF_CALLS)


@pytest.mark.parametrize("code", EXPECTED)
def test_a_code_becomes_its_kind_field_and_sentence(box: Sandbox, world: YoukuWorld, code: str) -> None:
    box.block("/youku/videos/show.json", error_answer(code, "Youku's words"))
    error = raised(lambda: world.call("show_video", video_id=world.shown))
    assert (type(error), error.field, error.code, error.call) == (*EXPECTED[code], code, "show_video")
    assert error.sentence.text == mapping.ERRORS[int(code)].text
    assert full_sentence(error)


@pytest.mark.parametrize(("call", "code"), EXPECTED_OF_CALLS)
def test_a_code_that_means_something_else_to_one_call(box: Sandbox, world: YoukuWorld, call: str, code: str) -> None:
    (row,) = [row for row in ROWS["youku"] if row.method == call]
    given = GIVEN[row.number](world)
    box.block(row.path, error_answer(code, "Youku's words"))
    error = raised(lambda: world.call(call, **given))
    assert (type(error), error.field, error.code, error.call) == (*EXPECTED_OF_CALLS[call, code], code, call)
    assert error.sentence.text == mapping.ERRORS_OF_CALLS[call, int(code)].text
    assert full_sentence(error)


@pytest.mark.parametrize(
    ("status", "kind", "meaning"), [(400, Refused, mapping.UNKNOWN), (503, Temporary, mapping.UNKNOWN_FAULT)]
)
def test_an_unknown_code_keeps_the_platforms_words(
    box: Sandbox, world: YoukuWorld, status: int, kind: type[PlatformError], meaning: Any
) -> None:
    answer = error_answer("987654321", "something new")
    box.block("/youku/videos/show.json", Answer(status, answer.body, answer.content_type), times=3)
    error = raised(lambda: world.call("show_video", video_id=world.shown))
    assert (type(error), error.code, error.sentence.text) == (kind, "987654321", meaning.text)
    assert "something new" in full_sentence(error)


# Brought about.


def with_login(world: YoukuWorld, **changes: str) -> YoukuWorld:
    """The same account with other credentials; nothing of its own can renew them."""
    access = MemoryAccess(world.box.environment(), {**world.access.stored, "refresh_token": "", **changes})
    other = YoukuWorld.__new__(YoukuWorld)
    other.__dict__.update(world.__dict__, access=access)
    return other


def create(world: YoukuWorld, **changes: Any) -> None:
    source = world.source()
    facts = {
        "title": "第一课",
        "tags": ["数学"],
        "file_name": "a.mp4",
        "file_size": source.size,
        "file_md5": source.md5,
    }
    world.driver.api.create_upload(**{**facts, **changes})


def create_twice(world: YoukuWorld) -> None:
    source = world.source()
    world.driver.upload(MemoryJob(source, draft_for(source)))
    create(world, file_size=source.size, file_md5=source.md5)


def expired(world: YoukuWorld) -> None:
    world.box.youku.expire_access_tokens()
    with_login(world).call("list_my_videos")


def too_large(world: YoukuWorld) -> None:
    world.box.youku.uploads.file_size_limit = 1000
    create(world)


def send_slice(world: YoukuWorld, **changes: str) -> None:
    world.call("upload_slice", **{**world.sending(), **changes})


def slice_again(world: YoukuWorld) -> None:
    """A task that was handed out again under another number."""
    world.box.youku.slices.patience = 0.0
    sending = world.sending()
    world.call("new_slice", upload_server=sending["upload_server"], upload_token=sending["upload_token"])
    world.call("upload_slice", **sending)


def expired_upload(world: YoukuWorld) -> None:
    given = world.at_server(world.source(), "create_file")
    world.box.youku.expire_upload()
    world.call("check_upload", **given)


def announce_twice(world: YoukuWorld) -> None:
    given = world.announcing()
    world.call("create_file", **given)
    world.call("create_file", **given)


def commit_other_bytes(world: YoukuWorld) -> None:
    source, other = world.source(), world.source()
    created = world.call(
        "create_upload", title="第四课", tags="数学", **{**world.new_file(source), "file_md5": other.md5}
    )
    server = {"upload_server": created["upload_server_uri"], "upload_token": created["upload_token"]}
    for step in ("create_file", "new_slice", "upload_slice"):
        world.call(step, **server, **world.at_step(step, source))
    world.call("commit_upload", upload_token=server["upload_token"], upload_server_ip="127.0.0.1")


def revoked(world: YoukuWorld) -> None:
    world.box.youku.revoke_refresh_token()
    world.call("refresh_token")


NATURAL: dict[str, Callable[[YoukuWorld], object]] = {
    "1004": lambda w: with_login(w, client_id="").call("show_video", video_id=w.shown),
    "1005": lambda w: with_login(w, client_id="0123456789abcdef").call("show_video", video_id=w.shown),
    "1006": lambda w: with_login(w, **w.box.credentials("youku", "second")).call("delete_video", video_id=w.shown),
    "1007": lambda w: with_login(w, access_token="").call("list_my_videos"),
    "1008": lambda w: with_login(w, access_token="0123456789abcdef").call("list_my_videos"),
    "1009": expired,
    "1012": lambda w: create(w, file_md5=""),
    "1013": lambda w: create(w, category="no such category"),
    "120010005": lambda w: w.call("renew_sts", upload_token="0" * 32, oss_bucket="a", oss_object="b"),
    "120010101": lambda w: create(w, title=""),
    "120010102": lambda w: create(w, title="课" * 61),
    "120010104": lambda w: create(w, title="[banned]"),
    "120010111": create_twice,
    "120010113": too_large,
    "120010121": lambda w: create(w, tags=[]),
    "120010122": lambda w: create(w, tags=[f"标签{number}" for number in range(11)]),
    "120010123": lambda w: create(w, tags=["违禁"]),
    "120010124": lambda w: create(w, tags=["数"]),
    "120010125": lambda w: create(w, tags=["数" * 21]),
    "120010141": lambda w: create(w, description="违禁"),
    "120010142": lambda w: create(w, description="数" * 2001),
    "120010145": lambda w: create(w, public_type="password", watch_password="密码"),
    "120010151": lambda w: w.call("commit_upload", upload_token="0" * 32),
    "120010205": lambda w: w.call("check_upload", **w.at_server(w.source())),
    "120010207": lambda w: send_slice(w, slice_task_id="77"),
    "120010208": slice_again,
    "120010216": announce_twice,
    "120010218": lambda w: send_slice(w, crc="00000000"),
    "120010223": expired_upload,
    "120010224": lambda w: send_slice(w, offset="1", length="10"),
    "120010225": lambda w: send_slice(w, hash="0" * 32),
    "120010301": commit_other_bytes,
    "120020001": lambda w: w.call("show_video", video_id="XMTIz"),
    "130011207": revoked,
    "130011208": lambda w: with_login(w, client_id="0123456789abcdef", refresh_token="a").call("refresh_token"),
}
#: What the simulated platform says to requests that no client of ours makes, or only in an answer that is blocked.
NEVER_OURS = {
    "1001": "a fault", "1002": "no such path", "1010": "a GET where POST is wanted", "130011201": "no grant type",
    "130011202": "another grant type", "130011203": "another method",
}  # fmt: skip


@pytest.mark.parametrize("code", NATURAL)
def test_what_the_platform_refuses_by_itself_is_understood(world: YoukuWorld, code: str) -> None:
    error = raised(lambda: NATURAL[code](world))
    assert (type(error), error.field, error.code) == (*EXPECTED[code], code)
    assert full_sentence(error)


def test_every_refusal_of_the_simulated_platform_is_brought_about() -> None:
    assert {str(code) for code in DESCRIPTIONS} == NATURAL.keys() | NEVER_OURS.keys()


# The storage.

OSS_EXPECTED = expected_rows(
    {
        (SessionLost, ""): "NoSuchUpload",
        (Corrupted, ""): "BadDigest InvalidDigest",
        (Temporary, ""): "InvalidPart RequestTimeout",
        (Gone, ""): "NoSuchKey",
        (Refused, ""): "RequestTimeTooSkewed",
        (BadAnswer, ""): "InvalidArgument",
        (StsExpired, ""): "SecurityTokenExpired InvalidSecurityToken InvalidAccessKeyId",
    }
)
OSS_BY_STATUS = {500: Temporary, 503: Temporary, 429: Temporary, 404: Gone, 403: Refused, 400: Refused}


def oss_answer(status: int, code: str) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode(), "application/xml")


@pytest.fixture
def storage(world: YoukuWorld) -> Storage:
    source = world.source()
    created = world.driver.api.create_upload(
        title="第一课", tags=["数学"], file_name="a.mp4", file_size=source.size, file_md5=source.md5, isnew=True
    )
    assert created.sts
    return Storage(Session(1), created.bucket, created.object_name, as_token(created.sts))


def test_the_storages_table_has_these_codes() -> None:
    assert mapping.OSS_ERRORS.keys() | mapping.OSS_EXPIRED_CODES == OSS_EXPECTED.keys()


@pytest.mark.parametrize("code", OSS_EXPECTED)
def test_a_code_of_the_storage_becomes_its_kind_and_sentence(box: Sandbox, storage: Storage, code: str) -> None:
    box.block("/yk-source-upload", oss_answer(400, code))
    error = raised(lambda: storage.parts("an upload"))
    assert (type(error), error.code, error.call) == (OSS_EXPECTED[code][0], code, "ListParts")
    meaning = mapping.OSS_ERRORS.get(code)
    assert error.sentence.text == (meaning.text if meaning else mapping.OSS_EXPIRED)
    assert full_sentence(error)


@pytest.mark.parametrize("status", OSS_BY_STATUS)
def test_any_other_code_of_the_storage_is_told_by_its_status(box: Sandbox, storage: Storage, status: int) -> None:
    box.block("/yk-source-upload", oss_answer(status, "SomethingNew"), times=3)
    error = raised(lambda: storage.parts("an upload"))
    assert (type(error), error.code) == (OSS_BY_STATUS[status], "SomethingNew")
    assert full_sentence(error)


def test_the_storage_refuses_by_itself_what_it_does_not_know(box: Sandbox, storage: Storage) -> None:
    assert raised(lambda: storage.parts("0" * 32)).code == "NoSuchUpload"
    assert not storage.has_object(10)
    box.oss.expire_credentials()
    with suppress(StsExpired):
        storage.initiate()
        pytest.fail("the storage took an access that has expired")
