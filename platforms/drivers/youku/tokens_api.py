"""How an account comes to its tokens: refreshing them, and asking the account's owner for the first ones."""

from __future__ import annotations

from urllib.parse import urlencode

from platforms.contract import Credentials
from platforms.drivers.youku.client import Client
from platforms.drivers.youku.mapping import NO_CLIENT_SECRET, RENEWED_MEANWHILE
from platforms.drivers.youku.results import Tokens, tokens_of
from platforms.errors import Refused, Temporary
from platforms.transport.documented import documented
from platforms.transport.http import TRIES
from platforms.values import say


class TokensApi(Client):
    """Youku's authorization server."""

    @documented("YK-01", "POST /oauth2/token.json", "youku-oss-upload.txt 刷新登陆凭证")
    def refresh_token(self) -> Tokens | None:
        """Exchange the account's refresh token (`grant_type=refresh_token`) for new tokens and store them.

        The old refresh token dies with this call, which is therefore never repeated by itself. None: another process
        has just done it, and nothing was sent. Raises `LoginExpired` (130011207) when a person has to connect the
        account again, `Refused` at `client_id` (130011205, 130011206, 130011208).
        """
        return self.replace_tokens(self.fetch_tokens)

    @documented("YK-X3", "GET /v2/oauth2/authorize", "Youku open documentation, OAuth2 authorize")
    def authorize_url(self, redirect_uri: str, state: str = "") -> str:
        """The page that the account's owner is sent to, to agree that the application acts in their name.

        It sends them back to `redirect_uri`, an address registered with the application, with a `code` and `state` as
        it was given (or with `error=access_denied`). Nothing is sent: the page is for a browser.
        """
        query = {
            "client_id": self.client_id, "response_type": "code", "state": state, "redirect_uri": redirect_uri,
        }  # fmt: skip
        return f"{self.open_api}/oauth2/authorize?{urlencode(query)}"

    @documented("YK-X4", "POST /v2/oauth2/token", "Youku open documentation, OAuth2 token", secrets=("code",))
    def exchange_code(self, code: str, redirect_uri: str) -> Tokens:
        """Exchange the code that Youku's page gave for the owner's tokens, and store them in place of the account's.

        `redirect_uri` is the one that the page was opened with; the code is good for one exchange and a few minutes.
        Raises `Refused` for a code or address that Youku does not accept (130011207), and at `client_secret` when it
        is missing or wrong (130011208).
        """
        self.keep_secret(code)

        def fetch(credentials: Credentials) -> Tokens:
            return self._exchange(credentials, code, redirect_uri)

        # A renewal by another process comes first; nothing was sent then, and the code is still good.
        for _ in range(TRIES):
            if tokens := self.replace_tokens(fetch):
                return tokens
        raise Temporary(say(RENEWED_MEANWHILE), call="exchange_code")

    def _exchange(self, credentials: Credentials, code: str, redirect_uri: str) -> Tokens:
        if not credentials.get("client_secret"):
            raise Refused(say(NO_CLIENT_SECRET), field="client_secret", call="exchange_code")
        form = {
            "client_id": credentials.get("client_id", ""), "client_secret": credentials["client_secret"],
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
        }  # fmt: skip
        return tokens_of(self.ask("exchange_code", "POST", f"{self.open_api}/oauth2/token", form, safe=False))
