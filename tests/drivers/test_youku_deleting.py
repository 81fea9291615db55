from __future__ import annotations

import pytest

from platforms.errors import Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import (
    PART,
    SLICE,
    access_to,
    job_of,
    lost,
    make_small_and_quick,
    published,
    refuses,
    stopped,
    stopped_in,
    youku,
)

DESTROY, CANCEL = "/youku/v2/videos/destroy.json", "/youku/uploads/cancel.json"


@pytest.fixture(autouse=True)
def small(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_and_quick(box, monkeypatch)


def states(box: Sandbox) -> list[str]:
    return [row["state"] for row in box.videos("youku")]


def test_another_accounts_video_is_refused(box: Sandbox) -> None:
    video_id = published(box, youku(box))
    with pytest.raises(Refused):
        youku(box, **box.credentials("youku", "second")).delete_video(video_id)
    assert states(box) == ["normal"]


@pytest.mark.parametrize("fault", [lost(), Answer(502)])
def test_a_delete_is_not_sent_twice_by_itself(box: Sandbox, fault: Answer) -> None:
    driver = youku(box)
    video_id = published(box, driver)
    box.block(DESTROY, fault)
    with pytest.raises(Temporary) as caught:
        driver.delete_video(video_id)
    assert caught.value.maybe_done
    assert len(box.requests.to(DESTROY)) == 1


@pytest.mark.parametrize(("protocol", "size"), [("oss", 3 * PART), ("slices", 3 * SLICE)])
@pytest.mark.parametrize("checkpoints", range(2, 6))
def test_cancelling_gives_the_upload_up(box: Sandbox, protocol: str, size: int, checkpoints: int) -> None:
    job = stopped(youku(box, protocol), size, checkpoints)
    youku(box, protocol).cancel_upload(job.token)
    assert states(box) == ["cancelled"]
    youku(box, protocol).cancel_upload(job.token)


def test_cancelling_lets_the_storage_forget_the_parts(box: Sandbox) -> None:
    job = stopped_in(youku(box), 3 * PART, "completing")
    youku(box).cancel_upload(job.token)
    assert [call.status for call in box.requests.to("/yk-source-upload", "DELETE")] == [204]


def test_a_storage_that_cannot_be_told_does_not_stop_the_cancelling(box: Sandbox) -> None:
    job = stopped_in(youku(box), 3 * PART, "completing")
    box.block("/yk-source-upload", Answer(500), times=10, method="DELETE")
    youku(box).cancel_upload(job.token)
    assert states(box) == ["cancelled"]


@pytest.mark.parametrize("token", [{}, {"step": "creating", "since": 1.0}])
def test_cancelling_before_anything_was_created_asks_nothing(box: Sandbox, token: dict[str, object]) -> None:
    youku(box).cancel_upload(token)
    assert len(box.requests) == 0


@pytest.mark.parametrize("code", [120010151, 120010223, 120010005])
def test_an_upload_that_is_already_gone_counts_as_cancelled(box: Sandbox, code: int) -> None:
    job = stopped(youku(box), 3 * PART, 3)
    box.block(CANCEL, refuses(code))
    youku(box).cancel_upload(job.token)


def test_a_cancel_while_youku_is_down_is_told(box: Sandbox) -> None:
    job = stopped(youku(box), 3 * PART, 2)
    box.block(CANCEL, Answer(503), times=3)
    with pytest.raises(Temporary):
        youku(box).cancel_upload(job.token)


def test_a_cancel_renews_an_expired_token(box: Sandbox) -> None:
    access = access_to(box)
    job = stopped(youku(box), 3 * PART, 2)
    box.youku.expire_access_tokens()
    type(youku(box))(access).cancel_upload(job.token)
    assert (access.renewals, states(box)) == (1, ["cancelled"])


def test_a_published_video_is_untouched_by_a_late_cancel(box: Sandbox) -> None:
    job = job_of(2 * PART)
    youku(box).upload(job)
    youku(box).cancel_upload(job.token)
    assert states(box) == ["encoding"]
