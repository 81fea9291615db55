from __future__ import annotations

import pytest

from platforms.errors import BadAnswer, LoginExpired, PlatformError, QuotaReached, Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.on_iqiyi import iqiyi, job_of, says

LIST = "/iqiyi/api/file/videoListForExternal"


@pytest.mark.parametrize("code", ["A00005", "A00007", "A00008", "A00009"])
def test_an_application_that_may_not_upload_needs_a_person(box: Sandbox, code: str) -> None:
    box.iqiyi.application = code
    with pytest.raises(LoginExpired) as caught:
        iqiyi(box).upload(job_of())
    assert (caught.value.code, caught.value.field) == (code, "client_id")


def test_a_used_up_quota_pauses_the_account(box: Sandbox) -> None:
    box.iqiyi.quota = 10
    with pytest.raises(QuotaReached):
        iqiyi(box).upload(job_of())


def test_refused_metadata_is_refused_and_can_be_corrected_without_a_second_file_id(box: Sandbox) -> None:
    job = job_of(title="违禁 第一课")
    with pytest.raises(Refused) as caught:
        iqiyi(box).upload(job)
    assert "违禁" in str(caught.value.sentence.params["words"])
    corrected = job_of()
    corrected.stored = job.token
    iqiyi(box).upload(corrected)
    assert [video["title"] for video in box.videos("iqiyi")] == ["第一课 认识分数"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("A21322", Refused), ("A21323", Refused), ("A21324", LoginExpired), ("A21325", LoginExpired),
        ("A21326", LoginExpired), ("A21328", Refused), ("A21329", Refused), ("A21330", LoginExpired),
        ("A21331", Temporary), ("Q00001", Refused), ("A00010", Refused), ("A77777", Refused),
    ],
)  # fmt: skip
def test_every_code_becomes_what_to_do_next(box: Sandbox, code: str, kind: type[PlatformError]) -> None:
    box.block(LIST, says(code, msg="平台的话"), times=3)
    with pytest.raises(kind) as caught:
        iqiyi(box).check_account()
    assert (caught.value.code, caught.value.call) == (code, "list_videos")


def test_an_unknown_code_keeps_the_words_of_the_platform(box: Sandbox) -> None:
    box.block(LIST, says("A77777", msg="平台的话"))
    with pytest.raises(Refused) as caught:
        iqiyi(box).check_account()
    assert caught.value.sentence.params["words"] == "平台的话"


def test_a_system_error_while_authorizing_passes_by_itself(box: Sandbox) -> None:
    box.block("/iqiyi/api/iqiyi/authorize", says("A00007"))
    with pytest.raises(Temporary):
        iqiyi(box, access_token="", refresh_token="").check_account()


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b'{"code": "A0', b"[]", b"{}", b'{"code": null}', b"\xff"])
def test_an_answer_that_cannot_be_read_names_the_call(box: Sandbox, body: bytes) -> None:
    box.block(LIST, Answer(200, body))
    with pytest.raises(BadAnswer) as caught:
        iqiyi(box).check_account()
    assert caught.value.sentence.params["call"] == "list_videos"
    assert caught.value.sentence.params["status"] == 200


@pytest.mark.parametrize("data", [None, [], {}, {"upload_url": "", "file_id": "a"}, {"upload_url": "http://x/"}])
def test_an_openupload_without_address_or_id_may_have_been_done(box: Sandbox, data: object) -> None:
    box.block("/iqiyi-upload/openupload", says("A00000", data=data))
    with pytest.raises(BadAnswer) as caught:
        iqiyi(box).upload(job_of())
    assert caught.value.maybe_done


def test_a_success_code_with_an_http_error_is_no_success(box: Sandbox) -> None:
    box.block(LIST, Answer(404, b'{"code": "A00000", "data": []}'))
    with pytest.raises(BadAnswer):
        iqiyi(box).check_account()


def test_secrets_echoed_by_the_platform_are_shown_nowhere(box: Sandbox) -> None:
    secrets = box.credentials("iqiyi")
    words = f"bad {secrets['client_secret']} and {secrets['access_token']} and {secrets['refresh_token']}"
    box.block(LIST, says("Q00001", msg=words))
    with pytest.raises(Refused) as caught:
        iqiyi(box).check_account()
    shown = f"{caught.value} {caught.value.detail} {dict(caught.value.sentence.params)}"
    assert not [name for name in ("client_secret", "access_token", "refresh_token") if secrets[name] in shown]
