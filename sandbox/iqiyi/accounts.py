"""Applications and their tokens (iqiyi-video-cloud.txt, sections 2 and 3)."""

import secrets
from collections.abc import Callable

from sandbox.core import World
from sandbox.iqiyi import answers
from sandbox.messages import Request, Response, json_response
from sandbox.store import Document

ACCOUNT = "iqiyi-account"
ACCESS = "iqiyi-access-token"
REFRESH = "iqiyi-refresh-token"

DAY = 24 * 3600


class Accounts:
    """One application (client id and secret) an account. ``changed`` is told the name of an account with new tokens.

    The document does not say what becomes of older access tokens when new ones are issued: here each lives until its
    own end. A refresh token works once.
    """

    def __init__(self, world: World, changed: Callable[[str], object]) -> None:
        self._world = world
        self._changed = changed
        #: Seconds that an access token lives; the document's examples say 60.
        self.token_lifetime = 30 * DAY

    def named(self, name: str) -> Document:
        """The account of this name, made when missing."""
        with self._world.store.transaction():
            found = self._world.store.all(ACCOUNT, name=name)
            if found:
                return found[0]
            account = {"name": name, "client_id": secrets.token_hex(16), "client_secret": secrets.token_hex(16)}
            self._issue(account)
        return account

    def name_of(self, client_id: str) -> str:
        account = self._world.store.get(ACCOUNT, client_id)
        return str(account["name"]) if account else ""

    def check(self, token: str) -> str:
        """The client id that an access token belongs to."""
        found = self._world.store.get(ACCESS, token) if token else None
        if found is None:
            raise answers.refusal(answers.INVALID_ACCESS, "AccessToken 无效")
        if found["expires"] <= self._world.clock.now():
            raise answers.refusal(answers.EXPIRED_ACCESS, "AccessToken 过期")
        return str(found["client_id"])

    def expire(self, token: str) -> None:
        """One access token answers A21327 from now on; an unknown one stays unknown."""
        with self._world.store.transaction():
            if found := self._world.store.get(ACCESS, token):
                self._world.store.put(ACCESS, token, found | {"expires": self._world.clock.now() - 1})

    def authorize(self, request: Request) -> Response:
        """Section 2: key and secret for a new pair of tokens, inside ``data``."""
        account = self._client(request)
        secret = request.query.get("client_secret", "")
        if not secrets.compare_digest(secret.encode(), str(account["client_secret"]).encode()):
            raise answers.refusal(answers.BAD_CLIENT, "client_id 或 client_secret 参数无效")
        with self._world.store.transaction():
            tokens = self._issue(account)
        self._changed(str(account["name"]))
        return answers.answer(data=tokens)

    def token(self, request: Request) -> Response:
        """Section 3: a refresh token for a new pair, flat and without a code."""
        account = self._client(request)
        grant, old = request.query.get("grant_type", ""), request.query.get("refresh_token", "")
        if not grant or not old:
            raise answers.refusal(answers.BAD_REQUEST, "缺少 grant_type 或 refresh_token 参数")
        if grant != "refresh_token":
            raise answers.refusal(answers.BAD_GRANT_TYPE, "不支持的 grant_type")
        with self._world.store.transaction():
            found = self._world.store.get(REFRESH, old)
            if found is None or found["client_id"] != account["client_id"]:
                raise answers.refusal(answers.BAD_GRANT, "refresh_token 无效")
            self._world.store.delete(REFRESH, old)
            tokens = self._issue(account)
        self._changed(str(account["name"]))
        return json_response(tokens)

    def _client(self, request: Request) -> Document:
        account = self._world.store.get(ACCOUNT, request.query.get("client_id", ""))
        if account is None:
            raise answers.refusal(answers.BAD_CLIENT, "client_id 或 client_secret 参数无效")
        return account

    def _issue(self, account: Document) -> Document:
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        store, owner = self._world.store, {"client_id": account["client_id"]}
        store.put(ACCESS, access, {**owner, "expires": self._world.clock.now() + self.token_lifetime})
        store.put(REFRESH, refresh, owner)
        account |= {"access_token": access, "refresh_token": refresh}
        store.put(ACCOUNT, str(account["client_id"]), account)
        return {"access_token": access, "expires_in": self.token_lifetime, "refresh_token": refresh}
