"""The public client `youku` and ours make the same requests, and the sandbox takes both."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from youku import YoukuOauth, YoukuSchemas, YoukuUpload, YoukuVideos

from platforms.drivers.youku.driver import Youku
from sandbox.server import Sandbox
from tests.agreement.cases import Case, call, facts, public_methods
from tests.agreement.wire import FORM, REAL_ADDRESSES, Difference, Wire, differences
from tests.drivers.conftest import PACE
from tests.drivers.lent import MemoryAccess
from tests.drivers.on_youku import job_of

REDIRECT = "https://hub.example.com/connected"
SIZE = 300_000


@dataclass
class World:
    """A published video, and a file at `path` for which an upload in slices has been created."""

    box: Sandbox
    driver: Youku
    stored: dict[str, str]
    video: str
    path: Path
    upload_token: str
    server: str

    @property
    def videos(self) -> YoukuVideos:
        return YoukuVideos(self.stored["client_id"])

    @property
    def oauth(self) -> YoukuOauth:
        return YoukuOauth(self.stored["client_id"], self.stored["client_secret"], REDIRECT)

    def upload(self) -> YoukuUpload:
        """Their upload of the file, which goes on with the task that was created."""
        upload = YoukuUpload(self.stored["client_id"], self.stored["access_token"], str(self.path))
        upload.upload_token, upload.upload_server_ip = self.upload_token, self.server
        return upload

    def prepared(self) -> YoukuUpload:
        """Their upload of the file, announced to the upload server."""
        upload = self.upload()
        upload.create_file()
        return upload

    def given_task(self) -> YoukuUpload:
        """Their upload of the file, with a slice to send."""
        upload = self.prepared()
        upload.new_slice()
        return upload

    def sent(self) -> YoukuUpload:
        """Their upload of the file, every byte of it sent."""
        upload = self.given_task()
        while upload.slice_task_id:
            upload.upload_slice()
        return upload

    def at_server(self) -> dict[str, str]:
        return {"upload_server": self.server, "upload_token": self.upload_token}

    @cached_property
    def code(self) -> str:
        """What Youku's page sends a browser back with when the account's owner agrees."""
        form = {"client_id": self.stored["client_id"], "redirect_uri": REDIRECT, "decision": "allow"}
        url = f"{self.box.url}/youku/v2/oauth2/authorize"
        answer = requests.post(url, data=form, allow_redirects=False, timeout=60)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]


@pytest.fixture
def world(box: Sandbox, wire: Wire, tmp_path: Path) -> World:
    stored = box.credentials("youku")
    driver = Youku(MemoryAccess(REAL_ADDRESSES, dict(stored)))
    video = driver.upload(job_of(120_000))
    box.clock.advance(3 * PACE)
    box.youku.slices.lag = 0.0
    path = tmp_path / "lesson.mp4"
    path.write_bytes(random.Random(7).randbytes(SIZE))
    created = call(driver, "create_upload", {"title": "第二课", **file_facts(path)})
    return World(box, driver, stored, video, path, created["upload_token"], created["upload_server_uri"])


def file_facts(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    return {
        "tags": "数学", "file_name": path.name, "file_size": str(len(data)), "file_md5": hashlib.md5(data).hexdigest(),
    }  # fmt: skip


def other_file(world: World) -> Path:
    path = world.path.with_name("other.mp4")
    path.write_bytes(b"other bytes")
    return path


METADATA = {
    "title": "第三课 & 分数=?", "tags": "数学,三年级", "category": "教育", "description": "一行\n两行",
    "copyright_type": "reproduced", "public_type": "password", "watch_password": "abc123",
}  # fmt: skip


def create(world: World) -> None:
    upload = YoukuUpload(world.stored["client_id"], world.stored["access_token"], str(other_file(world)))
    upload.create(upload.prepare_video_params(**METADATA))


THE_DOCUMENT_POSTS = "the document says POST; a GET would leave the token in the logs of every server on the way"
CASES: tuple[Case[World], ...] = (
    Case(
        "YoukuUpload.create",
        create,
        "create_upload",
        lambda w: {**file_facts(other_file(w)), **METADATA},
        (
            Difference("method", "GET", "POST", THE_DOCUMENT_POSTS),
            Difference("parameters in", "query", "form", THE_DOCUMENT_POSTS),
            Difference("Content-Type", None, FORM, THE_DOCUMENT_POSTS),
            Difference("isnew", None, "0", "newer than this client; said although 0 is its default"),
        ),
        refused=True,
    ),
    Case(
        "YoukuUpload.create_file",
        lambda w: w.upload().create_file(),
        "create_file",
        lambda w: {**w.at_server(), "file_size": str(SIZE), "ext": "mp4", "slice_length": "2048"},
        once=True,
    ),
    Case("YoukuUpload.new_slice", lambda w: w.prepared().new_slice(), "new_slice", lambda w: w.at_server()),
    Case(
        "YoukuUpload.upload_slice",
        lambda w: w.given_task().upload_slice(),
        "upload_slice",
        lambda w: {
            **w.at_server(), "slice_task_id": "1", "offset": "0", "length": str(SIZE), "file": str(w.path),
        },
        (Difference("Content-Type", None, "application/octet-stream", "HTTP wants a body's type said"),),
    ),
    Case("YoukuUpload.check", lambda w: w.prepared().check(), "check_upload", lambda w: w.at_server()),
    Case(
        "YoukuUpload.commit",
        lambda w: w.sent().commit(),
        "commit_upload",
        lambda w: {"upload_token": w.upload_token, "upload_server_ip": "127.0.0.1"},
        once=True,
    ),
    Case(
        "YoukuUpload.cancel",
        lambda w: w.prepared().cancel(),
        "cancel_upload",
        lambda w: {"upload_token": w.upload_token, "upload_server_ip": "127.0.0.1"},
        once=True,
    ),
    Case(
        "YoukuOauth.get_token_by_code",
        lambda w: w.oauth.get_token_by_code(w.code),
        "exchange_code",
        lambda w: {"code": w.code, "redirect_uri": REDIRECT},
        once=True,
    ),
    Case(
        "YoukuOauth.refresh_token",
        lambda w: w.oauth.refresh_token(w.stored["refresh_token"]),
        "refresh_token",
        lambda _: {},
        once=True,
    ),
    Case(
        "YoukuVideos.find_video_detail_by_id",
        lambda w: w.videos.find_video_detail_by_id(w.video, "thumbnails"),
        "show_video",
        lambda w: {"video_id": w.video, "ext": "thumbnails"},
    ),
    Case(
        "YoukuVideos.find_video_details_by_ids",
        lambda w: w.videos.find_video_details_by_ids(f"{w.video},XMTIz", "thumbnails"),
        "show_videos",
        lambda w: {"video_ids": f"{w.video},XMTIz", "ext": "thumbnails"},
    ),
    Case(
        "YoukuVideos.find_videos_by_me",
        lambda w: w.videos.find_videos_by_me(w.stored["access_token"], "view-count", 2, 50),
        "list_my_videos",
        lambda _: {"orderby": "view-count", "page": "2", "count": "50"},
    ),
    Case(
        "YoukuVideos.update_video",
        lambda w: w.videos.update_video(w.stored["access_token"], w.video, **METADATA, thumbnail_seq=2),
        "update_video",
        lambda w: {"video_id": w.video, **METADATA, "thumbnail_seq": "2"},
    ),
    Case(
        "YoukuVideos.destroy_video",
        lambda w: w.videos.destroy_video(w.stored["access_token"], w.video),
        "delete_video",
        lambda w: {"video_id": w.video},
        once=True,
    ),
    Case(
        "YoukuSchemas.video_category",
        lambda w: YoukuSchemas(w.stored["client_id"]).video_category(),
        "list_categories",
        lambda _: {},
    ),
)  # fmt: skip
#: What the client does by itself, or with the calls above.
WITHOUT_A_CALL = {
    "prepare_video_params", "checksum_md5file", "checksum_md5data", "transferred_percent", "upload",
}  # fmt: skip
#: Calls of Youku's open documentation that no document of ours describes: other people's videos, favourites, lists.
NOT_OURS = {
    "spec", "upload_spec", "comment_expression", "show_category", "playlist_category", "searche_top_category",
    "find_video_by_id", "find_video_by_url", "find_videos_by_ids", "find_videos_by_userid", "find_videos_by_username",
    "find_videos_by_related", "find_videos_by_category", "find_favorite_videos_by_me",
    "find_favorite_videos_by_userid", "find_favorite_videos_by_username", "create_favorite_video",
    "destroy_favorite_video",
}  # fmt: skip
#: Uploads over OSS are newer than the client.
ONLY_OURS = {"renew_sts"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_make_the_same_request(case: Case[World], wire: Wire, world: World) -> None:
    theirs, ours = case.send(wire, world, world.driver)
    assert differences(theirs, ours) == facts(case.different)
    assert (theirs.status < 300) is not case.refused
    assert case.once or ours.status < 300


def test_both_send_the_owner_to_the_same_page(world: World) -> None:
    theirs = world.oauth.authorize_url("a state & more")
    ours = call(world.driver, "authorize_url", {"redirect_uri": REDIRECT, "state": "a state & more"})
    assert urlsplit(theirs)[:3] == urlsplit(ours)[:3]
    assert dict(parse_qsl(urlsplit(theirs).query)) == dict(parse_qsl(urlsplit(ours).query))


def test_the_client_finishes_an_upload_that_ours_created(box: Sandbox, world: World) -> None:
    world.prepared()
    resumed = YoukuUpload(world.stored["client_id"], world.stored["access_token"], str(world.path))
    video_id = resumed.upload()
    md5 = file_facts(world.path)["file_md5"]
    assert [row["id"] for row in box.videos("youku") if row["md5"] == md5] == [video_id]


def test_ours_finishes_an_upload_that_the_client_began(box: Sandbox, world: World) -> None:
    upload = world.sent()
    committed = call(
        world.driver,
        "commit_upload",
        {"upload_token": world.upload_token, "upload_server_ip": upload.check()["upload_server_ip"]},
    )
    md5 = file_facts(world.path)["file_md5"]
    assert [row["id"] for row in box.videos("youku") if row["md5"] == md5] == [committed["video_id"]]


def test_every_call_of_the_client_is_compared() -> None:
    known = set().union(*map(public_methods, (YoukuUpload, YoukuOauth, YoukuVideos, YoukuSchemas)))
    compared = {case.name.rpartition(".")[2] for case in CASES} | {"authorize_url"}
    assert known - compared == WITHOUT_A_CALL | NOT_OURS
    assert compared <= known


def test_every_call_of_ours_is_compared_or_unknown_to_the_client() -> None:
    compared = {case.method for case in CASES} | {"authorize_url"}
    assert compared | ONLY_OURS == set(Youku.documented_calls())
    assert not compared & ONLY_OURS
