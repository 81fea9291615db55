"""Youku's authorization server: apps, access tokens that expire, refresh tokens that rotate.

youku-oss-upload.txt, "oauth2/token.json"; authorize and code exchange as the Youku open documentation describes them.
"""

import secrets
from collections.abc import Callable
from html import escape
from urllib.parse import urlencode, urlsplit

from sandbox.core import MAIN_ACCOUNT, World
from sandbox.messages import Request, Response, html_response, json_response
from sandbox.store import Document
from sandbox.youku.errors import refuse
from sandbox.youku.rules import Values

CODE_LIFETIME = 600

CONSENT = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>优酷授权</title>
<h1>优酷（模拟）</h1><p>允许应用 {client_id} 以 {user} 的身份上传和管理视频？</p>
<form method="post">{fields}<button name="decision" value="allow">允许</button>
<button name="decision" value="deny">拒绝</button></form></html>"""


class Accounts:
    """One app and one user for each account name."""

    def __init__(self, world: World, on_new_tokens: Callable[[str], object]) -> None:
        """``on_new_tokens`` is told the name of an account whose tokens have changed."""
        self._world = world
        self._store = world.store
        self._on_new_tokens = on_new_tokens
        #: Seconds; the document's example says 3600.
        self.token_lifetime = 3600

    def credentials(self, account: str) -> dict[str, str]:
        names = ("client_id", "client_secret", "access_token", "refresh_token")
        with self._store.transaction():
            document = self._store.get("youku-account", account) or self._register(account)
            return {name: document[name] for name in names}

    def find(self, account: str) -> Document:
        document = self._store.get("youku-account", account)
        if document is None:
            raise KeyError(f"there is no Youku account {account!r}")
        return document

    def client(self, values: Values) -> Document:
        """The account behind a ``client_id``. Raises 1004 and 1005."""
        client_id = values.get("client_id", "")
        if not client_id:
            raise refuse(1004)
        found = self._store.all("youku-account", client_id=client_id)
        if not found:
            raise refuse(1005)
        return found[0]

    def user(self, values: Values) -> Document:
        """The account behind a ``client_id`` and its ``access_token``. Raises 1004, 1005, 1007, 1008 and 1009."""
        account = self.client(values)
        token = values.get("access_token", "")
        if not token:
            raise refuse(1007)
        grant = self._store.get("youku-token", token)
        if grant is None or grant["account"] != account["account"]:
            raise refuse(1008)
        if grant["expires"] <= self._world.clock.now():
            raise refuse(1009)
        return account

    def refresh(self, request: Request) -> Response:
        """POST oauth2/token.json: the only grant there is ``refresh_token``."""
        return self._grant(request, ("refresh_token",))

    def exchange(self, request: Request) -> Response:
        """POST oauth2/token of the open documentation: a code or a refresh token, with the app's secret."""
        values = request.form()
        account = self._grant_client(values)
        if values.get("client_secret") != account["client_secret"]:
            raise refuse(130011208)
        return self._grant(request, ("authorization_code", "refresh_token"))

    def ask(self, request: Request) -> Response:
        """GET oauth2/authorize: the page on which the owner of the account decides."""
        account = self._consent_client(request.query)
        names = ("client_id", "redirect_uri", "state")
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(request.query.get(name, ""))}">' for name in names
        )
        page = CONSENT.format(client_id=escape(account["client_id"]), user=escape(account["user_name"]), fields=fields)
        return html_response(page)

    def decide(self, request: Request) -> Response:
        """The owner's click: back to ``redirect_uri`` with a code, or with an error."""
        values = request.form()
        account = self._consent_client({"response_type": "code", **values})
        uri, answer = values["redirect_uri"], {"state": values.get("state", "")}
        if values.get("decision") == "allow":
            code = secrets.token_hex(16)
            expires = self._world.clock.now() + CODE_LIFETIME
            document = {"code": code, "account": account["account"], "redirect_uri": uri, "expires": expires}
            self._store.put("youku-code", code, document)
            answer["code"] = code
        else:
            answer["error"] = "access_denied"
        location = f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(answer)}"
        return Response(302, headers={"Location": location})

    def expire_access_tokens(self) -> None:
        with self._store.transaction():
            for grant in self._store.all("youku-token"):
                grant["expires"] = self._world.clock.now() - 1
                self._store.put("youku-token", grant["access_token"], grant)

    def expire(self, token: str) -> None:
        """One access token answers 1009 from now on; an unknown one stays unknown."""
        with self._store.transaction():
            if grant := self._store.get("youku-token", token):
                self._store.put("youku-token", token, grant | {"expires": self._world.clock.now() - 1})

    def revoke_refresh_token(self, account: str = MAIN_ACCOUNT) -> None:
        self._store.delete("youku-refresh", self.find(account)["refresh_token"])

    def _consent_client(self, values: Values) -> Document:
        if not values.get("redirect_uri") or values.get("response_type") != "code":
            raise refuse(130011201)
        return self._grant_client(values)

    def _grant_client(self, values: Values) -> Document:
        found = self._store.all("youku-account", client_id=values.get("client_id", ""))
        if not found:
            raise refuse(130011208)
        return found[0]

    def _grant(self, request: Request, allowed: tuple[str, ...]) -> Response:
        values = request.form()
        grant_type = values.get("grant_type", "")
        secret = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(grant_type)
        if not grant_type or not values.get("client_id"):
            raise refuse(130011201)
        if secret is None or grant_type not in allowed:
            raise refuse(130011202)
        if not values.get(secret):
            raise refuse(130011201)
        with self._store.transaction():
            account = self._grant_client(values)
            if grant_type == "refresh_token":
                self._spend_refresh_token(account, values)
            else:
                self._spend_code(account, values)
            self._issue(account)
        self._on_new_tokens(account["account"])
        return json_response(
            {
                "access_token": account["access_token"],
                # The document's example shows a number in quotes and spells the type this way.
                "expires_in": str(self.token_lifetime),
                "refresh_token": account["refresh_token"],
                "token_type": "bearar",
            }
        )

    def _spend_refresh_token(self, account: Document, values: Values) -> None:
        grant = self._store.get("youku-refresh", values["refresh_token"])
        if grant is None:
            raise refuse(130011207)
        if grant["account"] != account["account"]:
            raise refuse(130011208)
        self._store.delete("youku-refresh", values["refresh_token"])

    def _spend_code(self, account: Document, values: Values) -> None:
        code = self._store.get("youku-code", values["code"])
        expected = {"account": account["account"], "redirect_uri": values.get("redirect_uri", "")}
        if code is None or code["expires"] <= self._world.clock.now() or code != {**code, **expected}:
            raise refuse(130011207)
        self._store.delete("youku-code", values["code"])

    def _register(self, account: str) -> Document:
        number = self._store.next_number("youku-account")
        document: Document = {
            "account": account,
            "client_id": secrets.token_hex(8),
            "client_secret": secrets.token_hex(16),
            "user_id": 58011900 + number,
            "user_name": "优酷测试账号" if account == MAIN_ACCOUNT else account,
            "access_token": "",
            "refresh_token": "",
        }
        self._issue(document)
        return document

    def _issue(self, account: Document) -> None:
        """New tokens; the old ones are dead at once, the strict reading of "rotates"."""
        self._store.delete("youku-token", account["access_token"])
        self._store.delete("youku-refresh", account["refresh_token"])
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        account.update(access_token=access, refresh_token=refresh)
        expires = self._world.clock.now() + self.token_lifetime
        self._store.put(
            "youku-token", access, {"access_token": access, "account": account["account"], "expires": expires}
        )
        self._store.put("youku-refresh", refresh, {"account": account["account"]})
        self._store.put("youku-account", account["account"], account)
