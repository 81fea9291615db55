"""Youku: the open API (api.youku.com and openapi.youku.com/v2), its upload server and its player pages."""

from collections.abc import Iterable, Mapping, Sequence

from sandbox.core import MAIN_ACCOUNT, Handler, Planted, Platform, Route, VideoRow, World
from sandbox.faults import FaultKind, Strike
from sandbox.messages import Request, Response
from sandbox.oss import Oss
from sandbox.youku.accounts import Accounts
from sandbox.youku.errors import error
from sandbox.youku.slices import Slices
from sandbox.youku.uploads import Uploads
from sandbox.youku.videos import Videos

API = "/youku"
OPEN_API = "/youku/v2"


class Youku(Platform):
    """One simulated Youku; the attributes are its departments, the methods are what tests do to it."""

    name = "youku"
    prefixes = ("youku", "gupload")

    def __init__(self, world: World, oss: Oss) -> None:
        self.accounts = Accounts(world, self.write_credentials)
        self.slices = Slices(world)
        self.uploads = Uploads(world, self.accounts, oss, self.slices)
        self.catalogue = Videos(world, self.accounts)
        super().__init__(world)

    def routes(self) -> Sequence[Route]:
        return (
            *self._on_both_hosts("POST", "/uploads/create.json", self.uploads.create),
            *self._on_both_hosts("POST", "/uploads/get_sts_inf.json", self.uploads.renew_sts),
            *self._on_both_hosts("POST", "/uploads/commit.json", self.uploads.commit),
            *self._on_both_hosts("GET", "/uploads/cancel.json", self.uploads.cancel),
            *self._on_both_hosts("GET", "/videos/show.json", self.catalogue.show),
            *self._on_both_hosts("GET", "/videos/show_batch.json", self.catalogue.show_batch),
            *self._on_both_hosts("GET", "/videos/by_me.json", self.catalogue.by_me),
            *self._on_both_hosts("POST", "/videos/update.json", self.catalogue.update),
            *self._on_both_hosts("POST", "/videos/destroy.json", self.catalogue.destroy),
            *self._on_both_hosts("GET", "/schemas/video/category.json", self.catalogue.categories),
            Route("POST", f"{API}/oauth2/token.json", self.accounts.refresh),
            Route("POST", f"{OPEN_API}/oauth2/token", self.accounts.exchange),
            Route("GET", f"{OPEN_API}/oauth2/authorize", self.accounts.ask),
            Route("POST", f"{OPEN_API}/oauth2/authorize", self.accounts.decide),
            Route("POST", "/gupload/create_file", self.slices.create_file),
            Route("GET", "/gupload/new_slice", self.slices.new_slice),
            Route("POST", "/gupload/upload_slice", self.slices.upload_slice),
            Route("GET", "/gupload/check", self.slices.check),
            Route("GET", f"{API}/v_show/id_{{video_id}}.html", self.catalogue.page),
            Route("GET", f"{API}/embed/{{video_id}}", self.catalogue.page),
            Route("GET", f"{API}/player.php/sid/{{video_id}}/v.swf", self.catalogue.page),
            Route("GET", f"{API}/files/{{video_id}}", self.catalogue.file),
            Route("GET", f"{API}/u/{{user_id}}", self.catalogue.user_page),
            Route("GET", f"{API}/thumbnails/{{video_id}}.svg", self.catalogue.picture),
        )

    def no_such_path(self, request: Request) -> Response:
        return error(1002, 404)

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        """1010 where POST is wanted; the authorization server has a code of its own; a GET call has none."""
        if "/oauth2/" in request.path:
            return error(130011203)
        return error(1010) if "POST" in allowed else error(1002, 405)

    def strikes(self) -> Mapping[FaultKind, Strike]:
        tasks = ("get_sts_inf", "commit")
        with_user = [f"/uploads/{call}.json" for call in ("create", "cancel", *tasks)]
        with_user += [f"/videos/{call}.json" for call in ("by_me", "update", "destroy")]
        of_upload = {f"{host}/uploads/{call}.json" for host in (API, OPEN_API) for call in tasks}
        slices = {f"/gupload/{call}" for call in ("create_file", "new_slice", "upload_slice", "check")}
        return {
            FaultKind.EXPIRED_TOKEN: Strike(
                frozenset(host + path for host in (API, OPEN_API) for path in with_user),
                lambda request: self.accounts.expire(request.values.get("access_token", "")),
            ),
            FaultKind.DROPPED_SESSION: Strike(frozenset(of_upload | slices), self._drop_session),
            FaultKind.WRONG_MD5: Strike(frozenset({"/gupload/upload_slice"}), Request.damage),
        }

    def _drop_session(self, request: Request) -> None:
        values = request.query if "upload_token" in request.query else request.form()
        self.uploads.give_up(values.get("upload_token", ""))

    def upload_key(self, request: Request) -> str:
        """Parts that go to OSS are counted there."""
        return request.query.get("upload_token", "") if request.path == "/gupload/upload_slice" else ""

    def credentials(self, account: str = MAIN_ACCOUNT) -> dict[str, str]:
        return self.accounts.credentials(account)

    def videos(self) -> list[VideoRow]:
        return self.catalogue.rows()

    def plant(self, videos: Iterable[Planted], account: str = MAIN_ACCOUNT) -> list[str]:
        self.accounts.credentials(account)
        return self.uploads.plant(account, videos)

    def remove(self, video_id: str) -> None:
        self.catalogue.remove(video_id)

    def expire_access_tokens(self) -> None:
        """Every access token issued so far answers 1009 from now on."""
        self.accounts.expire_access_tokens()

    def revoke_refresh_token(self, account: str = MAIN_ACCOUNT) -> None:
        """The account's refresh token answers 130011207 from now on: a person must connect it again."""
        self.accounts.revoke_refresh_token(account)

    def set_state(self, video_id: str, state: str | None) -> None:
        """Fix a video's state (``blocked``, ``limited`` …); None lets time decide again."""
        self.catalogue.set_state(video_id, state)

    def drop_upload(self, upload_token: str) -> None:
        """Lose a running upload: its token is unknown from now on."""
        self.uploads.drop(upload_token)

    def expire_upload(self, upload_token: str | None = None) -> None:
        """One upload token, or every open one, answers 120010223 from now on."""
        self.uploads.expire(upload_token)

    def _on_both_hosts(self, method: str, path: str, handler: Handler) -> tuple[Route, Route]:
        return Route(method, API + path, handler), Route(method, OPEN_API + path, handler)
