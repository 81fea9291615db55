"""What platforms hand out about playing a video: each keeps to the contract, and one that lacks it is named."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from platforms.contract import HasEmbedCode, HasPlayAddresses, HasPlayTokens, HasScreenshots
from platforms.errors import PlatformError
from platforms.registry import DRIVERS
from sandbox.server import Sandbox
from tests.contract.worlds import BaijiayunWorld, IqiyiWorld, World, YoukuWorld

AnyWorld = World[Any]
WORLDS: dict[str, type[AnyWorld]] = {"youku": YoukuWorld, "iqiyi": IqiyiWorld, "baijiayun": BaijiayunWorld}


@pytest.fixture(params=list(DRIVERS))
def world(request, box, tmp_path) -> AnyWorld:
    return WORLDS[request.param](box, tmp_path)


def of(world: AnyWorld, capability):
    """The driver, if it has the capability."""
    driver = world.driver
    if not isinstance(driver, capability):
        pytest.skip(f"{driver.label} has no {capability.__name__}")
    return driver


def fetch(url: str) -> requests.Response:
    return requests.get(url, timeout=60)


def test_every_address_plays_until_it_has_expired(world: AnyWorld, box: Sandbox):
    driver = of(world, HasPlayAddresses)
    found = driver.play_addresses(world.video())
    assert {"mp4", "m3u8"} <= {one.container for one in found}
    assert all(one.definition for one in found)
    assert {fetch(one.url).status_code for one in found} == {200}
    box.clock.advance(driver.play_seconds + 1)
    assert {fetch(one.url).status_code for one in found} == {403}


def test_an_address_shows_itself_in_no_text(world: AnyWorld):
    (first, *_others) = of(world, HasPlayAddresses).play_addresses(world.video())
    assert first.url not in repr(first)


def test_what_does_not_exist_has_no_address(world: AnyWorld):
    driver = of(world, HasPlayAddresses)
    with pytest.raises(PlatformError):
        driver.play_addresses("0123456789")


def test_the_player_s_page_opens(world: AnyWorld):
    code = of(world, HasEmbedCode).embed_code(world.video())
    assert [fetch(url).status_code for url in (code.page_url, code.script_url) if url] == [200, 200]


def test_each_video_gets_a_token_of_its_own(world: AnyWorld):
    driver = of(world, HasPlayTokens)
    ids = [world.video(), world.video()]
    tokens = driver.play_tokens(ids, 3600)
    assert set(tokens) == set(ids)
    assert len(set(tokens.values())) == 2
    assert set(driver.play_tokens(ids[:1], 0)) == set(ids[:1])


def test_the_pictures_are_pictures(world: AnyWorld):
    found = of(world, HasScreenshots).screenshots(world.video())
    assert found
    assert all(fetch(url).headers["Content-Type"].startswith("image/") for url in found)
