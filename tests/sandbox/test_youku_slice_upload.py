"""A video reaches Youku in slices: tasks, checksums, states of the upload, commit."""

from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

import pytest

from sandbox.server import Sandbox
from tests.sandbox.youku_client import KB, YoukuClient, code, md5, some_bytes

SLICE = 64 * KB
DATA = some_bytes(5 * SLICE + 11)


def test_create_answers_a_server_with_its_port_and_without_a_scheme(box: Sandbox, youku: YoukuClient):
    answer = youku.create(DATA, isnew=0)

    assert answer.status_code == 201
    assert set(answer.json()) == {"video_id", "upload_token", "upload_server_uri"}
    assert f"http://{answer.json()['upload_server_uri']}" == box.url


def test_slices_become_the_video(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    youku.send_all(upload, DATA)

    status = youku.check(upload)
    answer = youku.commit(upload, upload_server_ip=status["upload_server_ip"])

    assert (status["status"], status["finished"], status["confirmed_percent"]) == (1, True, 100)
    assert answer.json() == {"video_id": upload["video_id"]}
    assert box.videos("youku")[0]["md5"] == md5(DATA)


def test_tasks_cover_the_file_in_the_asked_length(youku: YoukuClient):
    upload = youku.start_slices(DATA)

    tasks = [youku.new_slice(upload) for _ in range(7)]

    assert [(task["offset"], task["length"]) for task in tasks[:6]] == [
        *((n * SLICE, SLICE) for n in range(5)),
        (5 * SLICE, 11),
    ]
    assert [task["slice_task_id"] for task in tasks] == [1, 2, 3, 4, 5, 6, 0]


def test_slices_are_two_megabytes_unless_asked_otherwise(youku: YoukuClient):
    upload = youku.create(DATA, file_size=3_000_000, isnew=0).json()
    values = {"upload_token": upload["upload_token"], "file_size": 3_000_000, "ext": "mp4"}
    youku.server(upload, "POST", "create_file", data=values)

    assert youku.new_slice(upload)["length"] == 2048 * KB


def test_several_slices_may_travel_at_once(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    tasks = [youku.new_slice(upload) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda task: YoukuClient(box).send_slice(upload, task, DATA), reversed(tasks)))

    assert [answer.status_code for answer in answers] == [201] * 6
    assert youku.commit(upload, upload_server_ip="127.0.0.1").status_code == 200
    assert box.videos("youku")[0]["md5"] == md5(DATA)


def test_each_slice_answers_the_next_task(youku: YoukuClient):
    upload = youku.start_slices(DATA)

    answer = youku.send_slice(upload, youku.new_slice(upload), DATA).json()

    assert answer == {"slice_task_id": 2, "offset": SLICE, "length": SLICE, "transferred": SLICE, "finished": False}


def test_the_check_tells_how_far_the_upload_is(slow_box: Sandbox):
    youku = YoukuClient(slow_box)
    upload = youku.start_slices(DATA)
    statuses = [youku.check(upload)]
    tasks = [youku.new_slice(upload) for _ in range(6)]
    statuses.append(youku.check(upload))
    for task in tasks:
        youku.send_slice(upload, task, DATA)
    statuses.append(youku.check(upload))
    slow_box.clock.advance(101)
    statuses.append(youku.check(upload))

    names = ("status", "transferred_percent", "confirmed_percent", "empty_tasks")
    assert [tuple(status[name] for name in names) for status in statuses] == [
        (4, 0, 0, 6),
        (2, 0, 0, 0),
        (3, 100, 0, 0),
        (1, 100, 100, 0),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hash": "0" * 32}, 120010225),
        ({"hash": None, "crc": "0"}, 120010218),
        ({"hash": None, "crc": "nonsense"}, 120010218),
        ({"hash": None}, 1012),
        ({"offset": 1}, 120010224),
        ({"length": SLICE - 1}, 120010224),
        ({"body": DATA[: SLICE - 1]}, 120010224),
        ({"body": DATA[: SLICE + 1]}, 120010224),
        ({"slice_task_id": 77}, 120010207),
        ({"slice_task_id": "x"}, 120010207),
        ({"slice_task_id": None}, 1012),
        ({"upload_token": "nothing"}, 120010005),
        ({"upload_token": None}, 1012),
    ],
)
def test_a_slice_that_is_not_what_it_says_is_refused(
    youku: YoukuClient, changes: dict[str, str | int | bytes | None], expected: int
):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)

    assert code(youku.send_slice(upload, task, DATA, **changes)) == expected
    assert youku.check(upload)["transferred_percent"] == 0
    assert youku.send_slice(upload, task, DATA).status_code == 201


def test_a_long_slice_does_not_write_over_its_neighbour(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    first, second = youku.new_slice(upload), youku.new_slice(upload)
    youku.send_slice(upload, second, DATA)

    youku.send_slice(upload, first, DATA, body=b"x" * 2 * SLICE)
    youku.send_slice(upload, first, DATA)

    path = box.youku.slices.path(upload["upload_token"])
    assert path.read_bytes()[: 2 * SLICE] == DATA[: 2 * SLICE]


def test_a_crc_is_as_good_as_a_hash(youku: YoukuClient):
    upload = youku.start_slices(DATA)
    crc = f"{crc32(DATA[:SLICE]):08x}"

    assert youku.send_slice(upload, youku.new_slice(upload), DATA, hash=None, crc=crc).status_code == 201


def test_commit_before_everything_is_on_disk(slow_box: Sandbox):
    youku = YoukuClient(slow_box)
    upload = youku.start_slices(DATA)
    early = youku.commit(upload, upload_server_ip="127.0.0.1")
    youku.send_all(upload, DATA)
    unconfirmed = youku.commit(upload, upload_server_ip="127.0.0.1")
    slow_box.clock.advance(101)

    assert (code(early), code(unconfirmed)) == (120010151, 120010151)
    assert youku.commit(upload, upload_server_ip="127.0.0.1").status_code == 200


def test_commit_of_other_bytes_than_declared(youku: YoukuClient):
    upload = youku.create(DATA, isnew=0).json()
    youku.create_file(upload, len(DATA))
    youku.send_all(upload, bytes(len(DATA)))

    assert code(youku.commit(upload, upload_server_ip="127.0.0.1")) == 120010301


@pytest.mark.parametrize(("server", "expected"), [({}, 1012), ({"upload_server_ip": "10.30.88.156"}, 1013)])
def test_commit_names_the_server(youku: YoukuClient, server: dict[str, str], expected: int):
    upload = youku.start_slices(DATA)
    youku.send_all(upload, DATA)

    assert code(youku.commit(upload, **server)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"file_size": len(DATA) + 1}, 1013),
        ({"file_size": 0}, 1013),
        ({"ext": "avi"}, 1013),
        ({"slice_length": 10241}, 1013),
        ({"slice_length": 0}, 1013),
        ({"slice_length": "big"}, 1013),
        ({"ext": ""}, 1012),
        ({"file_size": ""}, 1012),
    ],
)
def test_a_file_that_does_not_fit_its_upload_is_refused(
    youku: YoukuClient, changes: dict[str, str | int], expected: int
):
    upload = youku.create(DATA, isnew=0).json()
    values = {"upload_token": upload["upload_token"], "file_size": len(DATA), "ext": "mp4", "slice_length": 64}

    assert code(youku.server(upload, "POST", "create_file", data={**values, **changes})) == expected


def test_a_file_is_created_once(youku: YoukuClient):
    upload = youku.start_slices(DATA)

    assert code(youku.create_file(upload, len(DATA))) == 120010216


def test_nothing_goes_before_the_file_is_created(youku: YoukuClient):
    upload = youku.create(DATA, isnew=0).json()
    token = {"upload_token": upload["upload_token"]}

    assert code(youku.server(upload, "GET", "new_slice", params=token)) == 120010205
    assert code(youku.server(upload, "GET", "check", params=token)) == 120010205


def test_the_upload_server_knows_no_oss_upload(youku: YoukuClient):
    upload = youku.create(DATA, isnew=1).json() | {
        "upload_server_uri": youku.create(DATA, isnew=0).json()["upload_server_uri"]
    }

    assert code(youku.create_file(upload, len(DATA))) == 120010151


def test_an_expired_upload_token_stops_every_call(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    box.youku.expire_upload()

    assert code(youku.send_slice(upload, task, DATA)) == 120010223
    for call in ("new_slice", "check"):
        token = {"upload_token": upload["upload_token"]}
        assert code(youku.server(upload, "GET", call, params=token)) == 120010223


def test_wrong_methods_are_refused(youku: YoukuClient):
    upload = youku.start_slices(DATA)

    assert code(youku.server(upload, "GET", "create_file")) == 1010
    assert youku.server(upload, "POST", "check").status_code == 405


def test_cancel_throws_the_slices_away(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    youku.send_slice(upload, youku.new_slice(upload), DATA)

    answer = youku.get("/uploads/cancel.json", upload_token=upload["upload_token"], upload_server_ip="127.0.0.1")

    assert answer.json() == {"upload_token": upload["upload_token"]}
    assert not box.youku.slices.path(upload["upload_token"]).exists()
    assert code(youku.server(upload, "GET", "check", params={"upload_token": upload["upload_token"]})) == 120010151
