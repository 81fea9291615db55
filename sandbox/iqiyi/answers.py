"""iQiyi's codes, and answers in its envelope: always HTTP 200, ``{"code": ..., "msg": ...}``."""

from typing import Any, Final

from sandbox.core import Refusal
from sandbox.messages import Response, json_response

OK: Final = "A00000"
FAILED: Final = "Q00001"

# Upload address (1.2, 1.3, 1.4)
BAD_FILE_ID: Final = "A00005"
BAD_PARAMETER: Final = "A00010"
OVER_QUOTA: Final = "A00018"

# Tokens (2, 3, 5)
BAD_REQUEST: Final = "A21323"
BAD_CLIENT: Final = "A21324"
BAD_GRANT: Final = "A21325"
EXPIRED_ACCESS: Final = "A21327"
BAD_GRANT_TYPE: Final = "A21328"
INVALID_ACCESS: Final = "A21332"

APPLICATION_STATES: Final = {
    "A00005": "应用待审核",
    "A00007": "应用审核未通过",
    "A00008": "应用被冻结",
    "A00009": "应用被删除",
}


def answer(**fields: Any) -> Response:
    """A success with these fields beside its code."""
    return json_response({"code": OK, **fields})


def refusal(code: str, message: str) -> Refusal:
    """Raise it to end a handler with this code."""
    return Refusal(json_response({"code": code, "msg": message}))
