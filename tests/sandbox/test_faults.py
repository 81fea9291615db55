"""Faults that every call can have, and how they are chosen, counted and taken away."""

from collections.abc import Callable

import pytest
import requests

from sandbox.faults import Fault, FaultError, FaultKind
from sandbox.server import Answer, Sandbox
from tests.sandbox.youku_client import KB, YoukuClient, code, some_bytes

DATA = some_bytes(300_000)
SLICE = 64 * KB


def strike(box: Sandbox, kind: FaultKind, path: str = "/youku", **more: object) -> int:
    return box.faults.add(Fault.of({"kind": kind.value, "path": path, **more}))


@pytest.mark.parametrize(("kind", "status"), [(FaultKind.HTTP_500, 500), (FaultKind.HTTP_503, 503)])
def test_a_platform_can_have_a_fault_of_its_own(box: Sandbox, youku: YoukuClient, kind: FaultKind, status: int):
    strike(box, kind)

    assert youku.create(DATA).status_code == status
    assert box.videos() == []
    assert code(youku.show("X")) == 120020001


@pytest.mark.parametrize("status", [502, 200])
def test_a_proxy_can_answer_with_a_page(box: Sandbox, youku: YoukuClient, status: int):
    strike(box, FaultKind.HTML, status=status)

    answer = youku.create(DATA)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")
    assert box.videos() == []


def test_a_connection_can_be_reset(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.RESET)

    with pytest.raises(requests.ConnectionError, match="reset"):
        youku.show("X")


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.CLOSE_AFTER])
def test_a_connection_can_break_in_the_middle_of_a_part(box: Sandbox, youku: YoukuClient, kind: FaultKind):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    strike(box, kind, "/gupload/upload_slice", after_bytes=10_000)

    with pytest.raises(requests.ConnectionError):
        youku.send_slice(upload, task, DATA)

    assert box.received("youku", upload["video_id"]) == 10_000
    assert youku.check(upload)["transferred_percent"] == 0
    assert youku.send_slice(upload, task, DATA).status_code == 201


@pytest.mark.parametrize("after", [0, 10, 100_000])
def test_a_call_whose_connection_breaks_in_its_form_does_nothing(box: Sandbox, youku: YoukuClient, after: int):
    strike(box, FaultKind.CLOSE_AFTER, after_bytes=after)

    with pytest.raises(requests.ConnectionError):
        youku.create(DATA)
    assert box.videos() == []


def test_a_platform_can_take_a_connection_and_never_answer(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HANG, seconds=30)

    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{youku.base}/uploads/create.json", data=youku.login, timeout=0.05)
    assert box.videos() == []


def test_who_waits_long_enough_sees_the_connection_end(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HANG, seconds=0.01)

    with pytest.raises(requests.ConnectionError):
        youku.create(DATA)


def test_a_slow_platform_does_its_work(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    strike(box, FaultKind.SLOW, "/gupload/upload_slice", after_bytes=SLICE // 4, seconds=0.02)
    task, waits = youku.new_slice(upload), list[float]()
    assert box._server
    box._server.stopping.wait = waits.append  # type: ignore[assignment, method-assign]

    assert youku.send_slice(upload, task, DATA).status_code == 201
    assert len(waits) >= 5
    assert set(waits) == {0.02}


def test_a_cut_answer_is_half_of_what_the_work_answered(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.CUT_JSON)

    answer = youku.create(DATA)

    assert answer.status_code == 201
    assert answer.text.startswith('{"video_id"')
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert len(box.videos()) == 1


def test_an_answer_can_get_lost(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.LOST_ANSWER)

    with pytest.raises(requests.ConnectionError):
        youku.create(DATA)
    assert len(box.videos()) == 1


def test_it_strikes_so_many_times(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HTTP_503, times=2)

    assert [youku.show("X").status_code for _ in range(4)] == [503, 503, 400, 400]
    assert box.faults.listed() == []


def test_it_strikes_for_ever_until_it_is_removed(box: Sandbox, youku: YoukuClient):
    number = strike(box, FaultKind.HTTP_503, times=None)

    assert {youku.show("X").status_code for _ in range(20)} == {503}
    assert box.faults.remove(number)
    assert not box.faults.remove(number)
    assert youku.show("X").status_code == 400


def test_all_faults_can_be_cleared(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HTTP_503, times=None)
    strike(box, FaultKind.HANG, times=None)
    box.faults.clear()

    assert youku.show("X").status_code == 400


def test_the_same_seed_meets_the_same_calls(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HTTP_503, times=None, chance=0.5)
    runs = []
    for seed in (7, 7, 8):
        box.faults.seed(seed)
        runs.append([youku.show("X").status_code for _ in range(30)])

    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {400, 503}


@pytest.mark.parametrize(
    ("path", "method", "struck"),
    [
        ("", None, True),
        ("/youku/videos", None, True),
        ("/youku/videos", "GET", True),
        ("/youku/videos", "POST", False),
        ("/youku/uploads", None, False),
        ("/iqiyi", None, False),
    ],
)
def test_it_strikes_only_where_it_should(box: Sandbox, youku: YoukuClient, path: str, method: str | None, struck: bool):
    strike(box, FaultKind.HTTP_503, path, method=method)

    assert (youku.show("X").status_code == 503) == struck


def test_a_call_can_be_named_instead_of_a_path(box: Sandbox):
    strike(box, FaultKind.HTTP_503, "/baijiayun/{domain}/openapi/video/getInfo")
    base = f"{box.url}/baijiayun/{box.credentials('baijiayun')['private_domain']}/openapi/video"

    assert requests.post(f"{base}/getStatus").status_code == 200
    assert requests.post(f"{base}/getInfo").status_code == 503


def test_the_control_pages_are_never_struck(box: Sandbox):
    strike(box, FaultKind.HTTP_503, "", times=None)

    for page in ("", "videos.json", "faults"):
        assert requests.get(f"{box.url}/sandbox/{page}").status_code == 200


def test_what_struck_is_counted_by_platform_and_call(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HTTP_503, "", times=3)
    youku.show("X")
    youku.show("X")
    youku.create(DATA)

    assert box.faults.counts == {
        ("youku", "/youku/videos/show.json", FaultKind.HTTP_503): 2,
        ("youku", "/youku/uploads/create.json", FaultKind.HTTP_503): 1,
    }


def test_an_answer_that_a_test_puts_in_the_way_comes_first(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.HTTP_500)
    box.block("/youku", Answer(418))

    assert [youku.show("X").status_code for _ in range(2)] == [418, 500]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"kind": "thunder"}, "there is no fault 'thunder'"),
        ({}, "a fault has a kind"),
        ({"kind": "reset", "where": "/"}, "where"),
        ({"kind": "reset", "times": "2"}, "times"),
        ({"kind": "reset", "times": 0}, "times"),
        ({"kind": "reset", "chance": 1.5}, "chance"),
        ({"kind": "hang", "seconds": -1}, "seconds"),
        ({"kind": "html", "status": 20}, "status"),
        ({"kind": "reset", "path": "/youku/nothing"}, "no platform has a call below"),
        ({"kind": "reset", "path": "/sandbox/videos.json"}, "no platform has a call below"),
        ({"kind": "expired_token", "path": "/baijiayun"}, "no call below '/baijiayun' can have expired_token"),
        ({"kind": "expired_token", "path": "/gupload"}, "/iqiyi/api/file/info"),
        ({"kind": "expired_sts", "path": "/youku"}, "UploadPart"),
        ({"kind": "expired_address", "path": "/iqiyi"}, "/baijiayun-upload/upload"),
        ({"kind": "wrong_md5", "path": "/youku/uploads"}, "/gupload/upload_slice"),
        ({"kind": "dropped_session", "path": "/youku/uploads/create.json"}, "no call below"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_the_reason(box: Sandbox, values: dict[str, object], told: str):
    add: Callable[[], int] = lambda: box.faults.add(Fault.of(values))  # noqa: E731
    with pytest.raises(FaultError, match=told.replace("{", r"\{")):
        add()
    assert box.faults.listed() == []


@pytest.mark.parametrize("path", ["", "/", "/you", "/youku/uploads/create.json", "/baijiayun/b0001/openapi", "Upload"])
def test_a_path_that_some_call_has_is_taken(box: Sandbox, path: str):
    assert strike(box, FaultKind.RESET, path) == 1


def test_faults_are_added_listed_and_removed_over_http(box: Sandbox, youku: YoukuClient):
    address = f"{box.url}/sandbox/faults"
    added = requests.post(f"{address}?seed=3", json=[{"kind": "http_503"}, {"kind": "reset", "times": None}])
    one = requests.post(address, json={"kind": "hang", "path": "/iqiyi"})
    assert (added.status_code, added.json(), one.json()) == (201, {"ids": [1, 2]}, {"ids": [3]})

    youku.show("X")
    shown = requests.get(address).json()
    assert [(each["id"], each["kind"], each["left"]) for each in shown["faults"]] == [
        (2, "reset", None),
        (3, "hang", 1),
    ]
    count = {"platform": "youku", "call": "/youku/videos/show.json", "kind": "http_503", "count": 1}
    assert shown["counts"] == [count]

    assert requests.delete(address, params={"id": 2}).status_code == 204
    assert requests.delete(address, params={"id": 2}).status_code == 404
    assert requests.delete(address).status_code == 204
    assert requests.get(address).json()["faults"] == []


@pytest.mark.parametrize("asked", [[{"kind": "reset"}, {"kind": "thunder"}], {"kind": 3}, "reset", [7]])
def test_what_cannot_be_is_refused_over_http_as_a_whole(box: Sandbox, asked: object):
    answer = requests.post(f"{box.url}/sandbox/faults", json=asked)

    assert answer.status_code == 400
    assert answer.text
    assert box.faults.listed() == []


def test_a_fault_in_a_line_is_there_for_ever():
    fault = Fault.parse("kind=http_503,chance=0.05,path=/youku")

    assert fault == Fault(FaultKind.HTTP_503, "/youku", times=None, chance=0.05)
    assert Fault.parse("kind=reset,times=3").times == 3
    for wrong in ("kind=reset,chance=often", "chance=0.5", "kind=reset,,", ""):
        with pytest.raises(FaultError):
            Fault.parse(wrong)
