"""Keep secrets out of everything that is written: log lines, error details, stored answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

MASK = "***"
SECRET_NAMES = (
    "access_token", "refresh_token", "upload_token", "security_token", "x-oss-security-token", "partner_key",
    "secret_key", "client_secret", "temp_access_secret", "temp_access_id", "ossaccesskeyid", "accesskeysecret",
    "access_key_id", "access_key_secret",
    "authorization", "watch_password", "password", "access_key", "signature", "sign", "token", "code_verifier",
)  # fmt: skip
_names = "|".join(sorted((re.escape(name) for name in SECRET_NAMES), key=len, reverse=True))
# name=value in queries and forms, "name": "value" in JSON and Python dicts, name: value in headers.
_pairs = re.compile(
    rf"(?i)(?<![a-z0-9_])((?:{_names})(?:%22|\\?[\"'])?\s*(?:=|:|%3A|%3D)\s*(?:%22|\\?[\"'])?)"
    r"((?:OSS4?[-A-Z0-9]*|Bearer|Basic)\s+[^\"'\s]+|[^\s&\"'\\,;}<>)]+)"
)
SHORTEST_SECRET = 6


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with the values of secret parameters, and each of `secrets` wherever it stands, replaced by `***`."""
    for secret in sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _pairs.sub(lambda match: match.group(1) + MASK, text)


def masked(answer: Any, names: Collection[str], secrets: Collection[str]) -> Any:
    """`answer` without what stands under these names, and without these secrets wherever they stand."""
    if isinstance(answer, Mapping):
        return {key: MASK if key in names else masked(value, names, secrets) for key, value in answer.items()}
    if isinstance(answer, list):
        return [masked(item, names, secrets) for item in answer]
    if isinstance(answer, str):
        for secret in secrets:
            answer = answer.replace(secret, MASK)
    return answer


class RedactingFilter(logging.Filter):
    """A log filter that redacts the message and the traceback of every record that passes it."""

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True
