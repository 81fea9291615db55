"""Player tokens, share addresses, and the page that they open (baijiayun-vod.txt, API-18, API-19, API-27)."""

import json
import secrets
from html import escape
from urllib.parse import urlencode

from sandbox.baijiayun.accounts import Accounts
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.definitions import MP4
from sandbox.baijiayun.errors import MESSAGES
from sandbox.baijiayun.library import Library
from sandbox.baijiayun.media import Media
from sandbox.baijiayun.outgoing import post_form
from sandbox.baijiayun.traffic import Traffic
from sandbox.core import World
from sandbox.media import player_page
from sandbox.messages import Request, Response, text_response
from sandbox.seals import Seal
from sandbox.store import Document

TOKEN = "baijiayun-player-token"  # noqa: S105 (a kind of document)
PRODUCTS = ("1", "2", "3", "4", "5")
PAGE_SECONDS = 12 * 3600
NOT_ALLOWED = "您没有观看权限"


class Players:
    """A page opens with a token of its video; a share address carries one that never expires."""

    def __init__(self, world: World, accounts: Accounts, library: Library, media: Media, traffic: Traffic) -> None:
        self._world = world
        self._accounts = accounts
        self._library = library
        self._media = media
        self._traffic = traffic
        self._seal = Seal(world.store, "baijiayun-share")

    def get_token(self, call: Call) -> Document:
        """API-18."""
        video = self._library.own(call)
        return {"token": self._issue(video, call.number("expires_in", 0))}

    def get_tokens(self, call: Call) -> dict[str, str]:
        """API-19: by video id; one unknown id refuses them all."""
        seconds = call.number("expires_in")
        call.choice("product_type", PRODUCTS, "5")
        videos = [self._library.own(call, video_id) for video_id in call.ids("video_ids")]
        return {str(video["video_id"]): self._issue(video, seconds) for video in videos}

    def _issue(self, video: Document, seconds: int) -> str:
        token = secrets.token_urlsafe(32)
        expires = self._world.clock.now() + seconds if seconds else None
        self._world.store.put(TOKEN, token, {"video_id": video["video_id"], "expires": expires})
        return token

    def get_share_urls(self, call: Call) -> dict[str, str]:
        """API-27."""
        video = self._library.own(call)
        query = urlencode({"vid": video["video_id"], "token": self._seal.mark(video["video_id"])})
        site = f"{self._world.url}/baijiayun-web"
        return {
            "js": f"{site}/web/playback/asset/bjcVideoPlayer.js?{query}&width=400&height=300&autoplay=false",
            "iframe": f"{site}/web/video/player?{query}",
            "flash": f"{site}/swf/player.swf?v={int(video['created'] * 1000)}&{query}",
        }

    def page_url(self, video: Document) -> str:
        query = urlencode({"vid": video["video_id"], "token": self._seal.mark(video["video_id"])})
        return f"{self._world.url}/baijiayun-web/web/video/player?{query}"

    def show_script(self, request: Request) -> Response:
        """A script that puts the player page where the script stands."""
        names = ("vid", "token", "access_key")
        query = urlencode({name: request.query[name] for name in names if name in request.query})
        sizes = {name: escape(request.query.get(name, "")) for name in ("width", "height")}
        source = f"{self._world.url}/baijiayun-web/web/video/player?{escape(query)}"
        frame = f'<iframe src="{source}" width="{sizes["width"]}" height="{sizes["height"]}" allowfullscreen></iframe>'
        code = f"document.currentScript.insertAdjacentHTML('afterend', {json.dumps(frame)});\n"
        return text_response(code, content_type="text/javascript; charset=utf-8")

    def show_page(self, request: Request) -> Response:
        """The player; opening it with a right token is one play. 403 with a wrong one."""
        video = self._library.find(request.query.get("vid", ""))
        if video is None:
            return text_response("not found", 404)
        if not self._token_fits(video, request.query.get("token", "")):
            return text_response("the token is wrong or has expired", 403)
        picture, name = self._media.picture(video), video["name"]
        if hindrance := self._media.hindrance(video):
            return player_page(name, None, picture, MESSAGES[hindrance])
        if not self._allowed(video, request.query.get("access_key", "")):
            return player_page(name, None, picture, NOT_ALLOWED)
        source = self._source(video)
        if source is not None:
            self._traffic.add_play(video)
        return player_page(name, source, picture, "" if source else "没有可播放的 mp4")

    def _source(self, video: Document) -> str | None:
        copies = [copy for copy in self._library.copies(video) if copy.kind == MP4]
        return self._media.address(video, copies[0], PAGE_SECONDS) if copies else None

    def _token_fits(self, video: Document, token: str) -> bool:
        if self._seal.fits(token, video["video_id"]):
            return True
        found = self._world.store.get(TOKEN, token)
        if found is None or found["video_id"] != video["video_id"]:
            return False
        return found["expires"] is None or bool(self._world.clock.now() < found["expires"])

    def _allowed(self, video: Document, access_key: str) -> bool:
        """Third-party authorization: the account's own server decides about an access key.

        Without a key the page plays, unless the account insists on one.
        """
        account = self._accounts.partner(video["partner_id"])
        if not account["authorize_url"]:
            return True
        if not access_key:
            return not account["authorize_always"]
        fields = {"access_key": access_key, "video_id": str(video["video_id"])}
        answer = post_form(account["authorize_url"], fields)
        return answer is not None and answer.get("code") == 0
