"""What every platform must keep to, checked over real HTTP against its simulation.

A platform's file names its driver in a subclass of `PlatformContract` and fills in the attributes; a capability that
it does not have is a named skip.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests

from platforms.contract import CanCancelUpload, CanDelete, Driver, HasLibrary, HasTokens, Interrupted
from platforms.errors import (
    BadAnswer,
    Duplicate,
    Gone,
    LoginExpired,
    PlatformError,
    Refused,
    Temporary,
)
from platforms.values import State
from sandbox.messages import Request
from sandbox.server import Answer, Sandbox
from tests.contract.subject import Subject
from tests.drivers.conftest import PACE
from tests.drivers.lent import MemoryAccess, MemoryJob, after, interrupt

HTML = b"<html><body><h1>Bad Gateway</h1></body></html>"
FAULTS = {
    "a page for people": Answer(200, HTML),
    "a page for people from a broken server": Answer(502, HTML),
    "nothing": Answer(200, b""),
    "half an object": Answer(200, b'{"error": {"co', "application/json"),
    "a list": Answer(200, b"[]", "application/json"),
    "null": Answer(200, b"null", "application/json"),
    "no answer": Answer(close=True),
    "less than announced": Answer(200, b'{"id"', "application/json", length=100),
    "a busy server": Answer(503, b"", headers={"Retry-After": "1"}),
    "another place": Answer(302, b"", headers={"Location": "http://127.0.0.1:9/"}),
}
LOST = Answer(close=True, after_work=True)


class Lines(logging.Handler):
    """Every log line as it was written, with its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class LoginLostJob(MemoryJob):
    """A job in whose middle the account's tokens expire: as soon as the platform has answered an id."""

    expire: Callable[[], None]

    def announce(self, remote_id: str) -> None:
        super().announce(remote_id)
        self.expire()


class PlatformContract(Subject):
    """The checks."""

    # Publishing.

    def test_an_ordinary_draft_has_no_problem(self) -> None:
        assert self.driver_class.problems(self.job().draft) == []

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"title": ""}, "title"), ({"size": 0}, "file"), ({"extension": "exe"}, "file"), ({"extension": ""}, "file")],
    )
    def test_it_finds_what_is_certainly_refused_before_sending(self, changes: dict[str, Any], field: str) -> None:
        problems = self.driver_class.problems(self.job(**changes).draft)
        assert {problem.field for problem in problems} == {field}
        assert all(problem.sentence.text % problem.sentence.params for problem in problems)

    def test_it_brings_the_very_bytes_to_the_platform(self, box: Sandbox) -> None:
        job = self.job()
        remote_id = self.driver(box).upload(job)
        (row,) = box.videos(self.platform)
        assert (row["id"], row["md5"], row["size"]) == (remote_id, job.source.md5, self.file_size)
        assert row["title"] == job.draft.title

    def test_it_announces_the_id_before_it_reads_a_byte(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        job = self.job()
        read, announced = job.source.read, []

        def watched(offset: int, length: int) -> bytes:
            announced.append(tuple(job.announced))
            return read(offset, length)

        monkeypatch.setattr(job.source, "read", watched)
        remote_id = self.driver(box).upload(job)
        assert set(announced) == {(remote_id,)}

    def test_it_reads_each_byte_once(self, box: Sandbox) -> None:
        job = self.job()
        self.driver(box).upload(job)
        assert sum(length for _, length in job.source.reads) == self.file_size

    def test_it_counts_the_bytes_that_arrived(self, box: Sandbox) -> None:
        job = self.job()
        self.driver(box).upload(job)
        assert job.bytes_done == self.file_size

    def test_its_token_is_json_and_names_its_step(self, box: Sandbox) -> None:
        job = self.job()
        self.driver(box).upload(job)
        assert job.history
        assert all(json.loads(json.dumps(token)) == token and token["step"] for token in job.history)

    def test_it_is_followed_until_it_plays(self, box: Sandbox) -> None:
        remote_id = self.driver(box).upload(self.job())
        assert self.look_at(box, remote_id) in (State.PROCESSING, State.REVIEWING)
        box.clock.advance(10 * PACE)
        (video,) = self.driver(box).look([remote_id])
        assert (video.state, video.remote_id) == (State.PUBLISHED, remote_id)
        assert video.raw_state

    def test_its_page_opens(self, box: Sandbox) -> None:
        (video,) = self.driver(box).look([self.published(box)])
        assert requests.get(video.page_url or video.embed_url, timeout=60).status_code == 200

    def test_a_refused_review_and_a_failed_transcoding_are_told_apart(self, box: Sandbox) -> None:
        rejected, failed = self.published(box, seed=1, title="[reject]"), self.published(box, seed=2, title="[fail]")
        states = {video.remote_id: video.state for video in self.driver(box).look([rejected, failed])}
        assert states == {rejected: self.rejected, failed: self.failed}

    def test_the_same_file_twice_is_a_duplicate(self, box: Sandbox) -> None:
        if not self.refuses_duplicates:
            pytest.skip(f"{self.platform} takes the same file twice")
        self.published(box)
        job = self.job()
        with pytest.raises(Duplicate):
            self.driver(box).upload(job)
        assert job.token == {}

    # Interruptions.

    def test_it_goes_on_after_a_stop_at_any_checkpoint(self, box: Sandbox) -> None:
        for number in count():
            job = self.job(seed=number, title=f"第 {number} 次")
            job.stop_after = number
            try:
                self.driver(box).upload(job)
            except Interrupted:
                assert self.finish(box, after(job)), f"after checkpoint {number}"
            assert len(self.rows(box, job)) == 1, f"after checkpoint {number}"
            assert sum(length for _, length in job.source.reads) <= self.file_size + self.under_way
            if len(job.history) < number:
                break
        assert number >= self.fewest_checkpoints

    def test_a_stop_passes_through_untouched(self, box: Sandbox) -> None:
        job = self.job()
        interrupt(self.driver(box), job, 0)
        assert box.videos(self.platform) == []

    def test_any_answer_may_be_lost_and_one_video_comes_of_it(
        self, box: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take = box.blocks.take
        for number in count():
            job, seen = self.job(seed=number, title=f"第 {number} 次"), count()

            def lose(request: Request, number: int = number, seen: count[int] = seen) -> Answer | None:
                return LOST if next(seen) == number else take(request)

            monkeypatch.setattr(box.blocks, "take", lose)
            remote_id = self.finish(box, job)
            rows = self.rows(box, job)
            assert len(rows) == 1 if remote_id else len(rows) <= 1, f"after the loss of answer {number}"
            if next(seen) <= number:
                break
        assert number >= self.fewest_calls

    @pytest.mark.parametrize("fault", ["a page for people", "half an object", "no answer"])
    def test_any_call_may_fail_once_and_one_video_comes_of_it(
        self, box: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: str
    ) -> None:
        take = box.blocks.take
        for number in count():
            job, seen = self.job(seed=number, title=f"第 {number} 次"), count()

            def fail(request: Request, number: int = number, seen: count[int] = seen) -> Answer | None:
                return FAULTS[fault] if next(seen) == number else take(request)

            monkeypatch.setattr(box.blocks, "take", fail)
            remote_id = self.finish(box, job)
            assert [row["id"] for row in self.rows(box, job)] == ([remote_id] if remote_id else []), f"call {number}"
            if next(seen) <= number:
                break
        assert number >= self.fewest_calls

    def test_two_files_go_up_at_once(self, box: Sandbox) -> None:
        jobs = [self.job(seed=number, title=f"第 {number} 个") for number in range(3)]
        access = self.access(box)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda job: self.driver_class(access).upload(job), jobs))
        assert [len(self.rows(box, job)) for job in jobs] == [1, 1, 1]

    # Accounts and tokens.

    def test_an_account_that_works_is_said_to_work(self, box: Sandbox) -> None:
        assert self.driver(box).check_account().sentence.text

    def test_a_wrong_credential_is_named(self, box: Sandbox) -> None:
        for name, field in self.wrong_credentials.items():
            changes = {**self.no_tokens, name: "0123456789abcdef"}
            with pytest.raises((LoginExpired, Refused)) as caught:
                self.driver(box, **changes).check_account()
            assert caught.value.field == field, name
            assert "0123456789abcdef" not in shown(caught.value), name

    def test_an_expired_token_is_renewed_once_and_the_work_goes_on(self, box: Sandbox) -> None:
        access = self.having_tokens(box)
        self.expire_tokens(box)
        job = self.job()
        self.driver_class(access).upload(job)
        assert (access.renewals, len(self.rows(box, job))) == (1, 1)

    def test_a_token_that_expires_in_the_middle_is_renewed(self, box: Sandbox) -> None:
        access = self.having_tokens(box)
        whole = self.job()
        job = LoginLostJob(whole.source, whole.draft)
        job.expire = lambda: self.expire_tokens(box)
        self.driver_class(access).upload(job)
        assert (access.renewals, len(self.rows(box, job))) == (1, 1)

    def test_many_that_find_the_token_expired_renew_it_once(self, box: Sandbox) -> None:
        access = self.having_tokens(box)
        self.expire_tokens(box)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: self.driver_class(access).check_account(), range(8)))
        assert access.renewals == 1

    def test_a_person_may_refresh_the_token(self, box: Sandbox) -> None:
        access = self.having_tokens(box)
        before = access.credentials["access_token"]
        driver = self.driver_class(access)
        assert isinstance(driver, HasTokens)
        assert driver.refresh_token().token_expires_at is not None
        assert access.credentials["access_token"] != before

    def having_tokens(self, box: Sandbox) -> MemoryAccess:
        if not issubclass(self.driver_class, HasTokens):
            pytest.skip(f"{self.platform} has no tokens that expire")
        return self.access(box)

    # A platform in trouble.

    @pytest.mark.parametrize("fault", FAULTS)
    def test_an_answer_that_cannot_be_read_names_its_call(self, box: Sandbox, fault: str) -> None:
        box.block(self.api, FAULTS[fault], times=1000)
        driver, job = self.driver(box), self.job()
        for call in (driver.check_account, lambda: list(driver.look(["a"])), lambda: driver.upload(job)):
            with pytest.raises((Temporary, BadAnswer)) as caught:
                call()
            assert caught.value.call
            assert caught.value.call in caught.value.sentence.params.values()

    def test_a_busy_platform_is_left_alone_for_as_long_as_it_asks(self, box: Sandbox) -> None:
        box.block(self.api, Answer(503, b"", headers={"Retry-After": "600"}), times=1000)
        driver, job = self.driver(box), self.job()
        for call in (driver.check_account, lambda: list(driver.look(["a"])), lambda: driver.upload(job)):
            box.requests.clear()
            with pytest.raises(Temporary) as caught:
                call()
            assert caught.value.retry_after == 600
            assert len(box.requests) == 1

    def test_a_platform_that_is_down_is_waited_for(self, box: Sandbox) -> None:
        with pytest.raises(Temporary) as caught:
            self.unreachable(box).upload(self.job())
        assert not caught.value.maybe_done

    def unreachable(self, box: Sandbox) -> Driver:
        access = self.access(box)
        access.addresses = {name: url.replace(box.url, "http://127.0.0.1:9") for name, url in access.addresses.items()}
        return self.driver_class(access)

    def test_a_banned_title_is_refused_at_its_field(self, box: Sandbox) -> None:
        job = self.job(title="[banned]")
        with pytest.raises(Refused) as caught:
            self.driver(box).upload(job)
        assert caught.value.field == self.banned_field
        assert self.rows(box, job) == []

    def test_no_secret_is_logged_or_told(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        logged = Lines()
        # In front of the others: the hub's own masks what it passes on, and here nothing may need it.
        monkeypatch.setattr(logging.root, "handlers", [logged, *logging.root.handlers])
        monkeypatch.setattr(logging.root, "level", logging.DEBUG)
        driver, job = self.driver(box), self.job()
        driver.upload(job)
        told = self.troubles(self.unreachable(box), job)
        for answer in FAULTS.values():
            box.block("/", answer, times=3)
            told += self.troubles(driver, job)
            box.unblock()
        secrets = {*self.secrets(driver), *secret_values(job.history)}
        assert secrets
        assert len(told) > len(FAULTS)
        assert logged.lines
        assert not [(secret, text) for secret in secrets for text in (*logged.lines, *told) if secret in text]

    def troubles(self, driver: Driver, job: MemoryJob) -> list[str]:
        """All that the errors of three calls show."""
        told, next_job = [], after(job)
        for call in (driver.check_account, lambda: driver.upload(next_job), lambda: list(driver.look(["a"]))):
            try:
                call()
            except PlatformError as error:
                told.append(shown(error))
        return told

    def secrets(self, driver: Driver) -> set[str]:
        names = {field.name for field in driver.credential_fields if field.kind == "secret"}
        return {value for name, value in driver.access.credentials.items() if name in names and value}

    # The rest of a video's life.

    def test_a_video_that_never_was_is_missing(self, box: Sandbox) -> None:
        assert self.look_at(box, self.strange_id) == State.MISSING

    def test_it_looks_at_several_at_once(self, box: Sandbox) -> None:
        ids = [self.published(box, seed=number, title=f"第 {number} 个") for number in range(3)]
        driver = self.driver(box)
        assert [video.remote_id for video in driver.look(ids) if video.state == State.PUBLISHED] == ids

    def test_an_ordinary_look_at_many_costs_less_than_a_call_each(self, box: Sandbox) -> None:
        driver = self.driver(box)
        ids = [driver.upload(self.job(seed=number, title=f"第 {number} 个")) for number in range(5)]
        before = driver.calls
        seen = {video.remote_id: video.state for video in driver.look(ids, frozenset())}
        assert set(seen.values()) <= {State.PROCESSING, State.REVIEWING}
        assert driver.calls - before == 1

    def test_an_ordinary_look_tells_what_is_published(self, box: Sandbox) -> None:
        ids = [self.published(box, seed=number, title=f"第 {number} 个") for number in range(5)]
        seen = {video.remote_id: video.state for video in self.driver(box).look(ids, frozenset())}
        assert seen == dict.fromkeys(ids, State.PUBLISHED)

    def test_a_close_look_is_definite_and_adds_to_what_the_others_are_told(self, box: Sandbox) -> None:
        failed = self.published(box, seed=1, title="[fail]")
        ids = [failed, *(self.published(box, seed=number, title=f"第 {number} 个") for number in range(2, 6))]
        seen = {video.remote_id: video.state for video in self.driver(box).look(ids, {failed})}
        assert seen == {remote_id: self.failed if remote_id == failed else State.PUBLISHED for remote_id in ids}

    def test_a_deleted_video_is_never_told_as_anything_else(self, box: Sandbox) -> None:
        driver = self.deleting(box)
        ids = [self.published(box, seed=number, title=f"第 {number} 个") for number in range(4)]
        driver.delete_video(ids[0])
        ordinary = {video.remote_id: video.state for video in self.driver(box).look(ids, frozenset())}
        assert ordinary.get(ids[0], State.MISSING) == State.MISSING
        closely = {video.remote_id: video.state for video in self.driver(box).look(ids, {ids[0]})}
        assert closely[ids[0]] == State.MISSING

    def test_a_look_asks_before_each_call_and_stops_when_it_may_not(self, box: Sandbox) -> None:
        class Enough(Interrupted):
            pass

        def refuse() -> None:
            raise Enough

        driver = self.driver(box)
        driver.ask_before_calls(refuse)
        with pytest.raises(Enough):
            list(driver.look([self.strange_id, "a"]))
        assert len(box.requests) == 0

    @pytest.mark.parametrize("nothing", [[], {}, None, ""], ids=repr)
    def test_a_library_without_videos_is_empty_in_every_form(self, box: Sandbox, nothing: object) -> None:
        driver = self.driver(box)
        if not isinstance(driver, HasLibrary):
            pytest.skip(f"{self.platform} does not list videos")
        box.block(self.api, Answer(200, json.dumps(self.list_of(nothing)).encode(), "application/json"))
        assert list(driver.every_video()) == []

    def test_an_entry_without_an_id_spoils_no_list(self, box: Sandbox) -> None:
        driver = self.driver(box)
        if not isinstance(driver, HasLibrary):
            pytest.skip(f"{self.platform} does not list videos")
        box.block(self.api, Answer(200, json.dumps(self.list_of([{"new": 1}, "?"])).encode(), "application/json"))
        assert list(driver.every_video()) == []

    def test_deleting_takes_this_video_and_no_other(self, box: Sandbox) -> None:
        driver = self.deleting(box)
        deleted, _other = (self.published(box, seed=number, title=f"第 {number} 个") for number in range(2))
        before = {row["id"]: row["state"] for row in box.videos(self.platform)}
        driver.delete_video(deleted)
        assert {row["id"]: row["state"] for row in box.videos(self.platform)} == {**before, deleted: "deleted"}

    def test_a_deleted_video_is_missing_and_gone(self, box: Sandbox) -> None:
        driver = self.deleting(box)
        remote_id = self.published(box)
        driver.delete_video(remote_id)
        assert self.look_at(box, remote_id) == State.MISSING
        with pytest.raises(Gone):
            driver.delete_video(remote_id)

    def test_a_deletion_whose_answer_is_lost_is_not_sent_twice_by_itself(self, box: Sandbox) -> None:
        driver = self.deleting(box)
        remote_id = self.published(box)
        box.requests.clear()
        box.block(self.api, LOST)
        with pytest.raises(Temporary) as caught:
            driver.delete_video(remote_id)
        assert caught.value.maybe_done
        assert len(box.requests) == 1

    def deleting(self, box: Sandbox) -> CanDelete:
        driver = self.driver(box)
        if not isinstance(driver, CanDelete):
            pytest.skip(f"{self.platform} cannot delete")
        return driver

    def test_a_cancelled_upload_becomes_no_video(self, box: Sandbox) -> None:
        driver = self.driver(box)
        if not isinstance(driver, CanCancelUpload):
            pytest.skip(f"{self.platform} cannot be told of a cancelled upload")
        if self.cancel_after is None:
            pytest.skip("this upload has no checkpoint in its middle")
        job = self.job()
        interrupt(driver, job, self.cancel_after)
        driver.cancel_upload(job.token)
        driver.cancel_upload(job.token)
        assert self.rows(box, job) == []
        assert {row["state"] for row in box.videos(self.platform)} <= {"cancelled", "deleted"}


def shown(error: PlatformError) -> str:
    """Everything of an error that a page, a log or an event could show."""
    parts = [repr(error), str(error.args), error.detail, error.sentence.text, str(dict(error.sentence.params))]
    return "\n".join([*parts, *traceback.format_exception(error)])


def secret_values(tokens: list[dict[str, Any]]) -> set[str]:
    """Upload tokens and temporary keys in resume states."""
    found: set[str] = set()
    for token in tokens:
        for name, value in token.items():
            if isinstance(value, dict):
                found |= secret_values([value])
            elif isinstance(value, str) and any(word in name for word in ("token", "secret", "access")):
                found.add(value)
    return found
