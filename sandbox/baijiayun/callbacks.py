"""Telling the account's owner what became of a video (baijiayun-vod.txt, callbacks 1 to 3)."""

import secrets
import threading

from sandbox.baijiayun.accounts import Accounts, sign_of
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.definitions import DONE, TRANSCODING
from sandbox.baijiayun.errors import Code, refuse
from sandbox.baijiayun.library import Library
from sandbox.baijiayun.media import Media
from sandbox.baijiayun.outgoing import post_form
from sandbox.core import World
from sandbox.store import Document

WAITING, SETTLED = "baijiayun-callback-waiting", "baijiayun-callback"
DELIVERED, GIVEN_UP, UNWANTED = "delivered", "given up", "unwanted"
RETRIES = (5.0, 30.0)
LOOK_EVERY = 0.02


class Callbacks:
    """Events wait in the store and a thread delivers those that are due, so that a restart loses none.

    The documented pauses before a repetition, 5 and 30 seconds, shrink with a ``pace`` below one second.
    """

    def __init__(self, world: World, accounts: Accounts, library: Library, media: Media) -> None:
        self._world = world
        self._accounts = accounts
        self._library = library
        self._media = media
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def set_url(self, call: Call) -> Document:
        """Callbacks 1."""
        url = call.text("url")
        if not url.startswith(("http://", "https://")):
            raise refuse(Code.BAD_PARAMETER, "url 必须是 http(s):// 开头")
        self._accounts.change(call.partner_id, callback_url=url)
        return {"url": url}

    def get_url(self, call: Call) -> Document:
        """Callbacks 2."""
        return {"url": call.account["callback_url"]}

    def expect(self, video: Document, uploaded: bool = False) -> None:
        """A transcoding has begun: its end will be told, and at once that the upload is complete."""
        now = self._world.clock.now()
        if uploaded:
            self._add(video, TRANSCODING, now)
        self._add(video, None, now + max(0.0, self._world.pace))

    def all(self) -> list[Document]:
        """Every event: ``qid``, ``video_id``, ``status``, ``attempts``, ``outcome``; settled ones first.

        ``outcome``: ``delivered``, ``given up``, ``unwanted`` (no address, or the video is gone); "" while it waits.
        """
        return self._world.store.all(SETTLED) + self._world.store.all(WAITING)

    def start(self) -> None:
        self._wake.set()
        self._thread = threading.Thread(target=self._run, name="baijiayun-callbacks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _add(self, video: Document, status: int | None, due: float) -> None:
        event = {
            "qid": secrets.token_hex(8),
            "video_id": video["video_id"],
            "partner_id": video["partner_id"],
            "status": status,
            "due": due,
            "attempts": 0,
            "outcome": "",
        }
        self._world.store.put(WAITING, str(event["qid"]), event)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            while not self._stopping.is_set() and self._look():
                self._stopping.wait(LOOK_EVERY)

    def _look(self) -> bool:
        """Deliver what is due; whether more is waiting."""
        waiting = self._world.store.all(WAITING)
        for event in waiting:
            if event["due"] <= self._world.clock.now() and not self._stopping.is_set():
                self._handle(event)
        return bool(waiting)

    def _handle(self, event: Document) -> None:
        video = self._library.find(event["video_id"])
        url = self._accounts.partner(event["partner_id"])["callback_url"]
        if video is None or not url:
            self._settle(event, UNWANTED)
            return
        status = event["status"] or self._library.status(video)
        # Only the first event tells of TRANSCODING; the other waits for the end of it.
        if event["status"] or status != TRANSCODING:
            self._attempt(event | {"status": status}, video, url)

    def _attempt(self, event: Document, video: Document, url: str) -> None:
        """Only the end of a transcoding is repeated when nobody takes it (callbacks 3, notes)."""
        answer = post_form(url, self._fields(event, video))
        event["attempts"] += 1
        if answer is not None and answer.get("code") == 0:
            self._settle(event, DELIVERED)
        elif event["status"] == TRANSCODING or event["attempts"] > len(RETRIES):
            self._settle(event, GIVEN_UP)
        else:
            pause = RETRIES[event["attempts"] - 1] * min(1.0, max(0.0, self._world.pace))
            event["due"] = self._world.clock.now() + pause
            self._world.store.put(WAITING, str(event["qid"]), event)

    def _fields(self, event: Document, video: Document) -> dict[str, str]:
        """The form of callbacks 3; its lists of parameters have no ``partner_id``, though its example has."""
        fields = {"video_id": str(video["video_id"]), "status": str(event["status"]), "qid": str(event["qid"])}
        if event["status"] == DONE:
            fields |= self._details(video)
        # The receiver compares with its own time, which does not follow what is advanced here.
        fields["timestamp"] = str(int(self._world.clock.of_clients()))
        account = self._accounts.partner(video["partner_id"])
        return {**fields, "sign": sign_of(fields, account["partner_key"])}

    def _details(self, video: Document) -> dict[str, str]:
        definitions = dict.fromkeys(copy.definition.info for copy in self._library.copies(video))
        return {
            "preface_url": self._media.picture(video),
            "total_size": str(video["size"]),
            "total_transcode_size": str(self._library.stored(video)),
            "now_definition": ",".join(definitions),
            "origin_definition": self._library.source(video).info,
            "length": str(video["duration"]),
            "file_md5": video["md5"],
        }

    def _settle(self, event: Document, outcome: str) -> None:
        with self._world.store.transaction():
            self._world.store.delete(WAITING, str(event["qid"]))
            self._world.store.put(SETTLED, str(event["qid"]), event | {"outcome": outcome})
