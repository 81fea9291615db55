"""A JSON field that is encrypted at rest."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

if TYPE_CHECKING:
    # For the type checker a field of what is read and assigned, where a text field would be one of text.
    _TextField = models.Field[dict[str, Any], dict[str, Any]]
else:
    _TextField = models.TextField


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedJSONField(_TextField):
    """A JSON object stored as a Fernet token. The first key of `CREDENTIALS_KEY` encrypts, every key decrypts.

    A value that no key decrypts raises ImproperlyConfigured when the row is read: silently losing credentials would
    be worse.
    """

    def get_prep_value(self, value: Any) -> str:
        return _fernet(tuple(settings.CREDENTIALS_KEYS)).encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        if not value:
            return {}
        try:
            return json.loads(_fernet(tuple(settings.CREDENTIALS_KEYS)).decrypt(value.encode()))
        except InvalidToken:
            raise ImproperlyConfigured(
                "No key in CREDENTIALS_KEY decrypts what is stored. Add the key that was used before, after a comma."
            ) from None

    def to_python(self, value: Any) -> Any:
        # A text comes from a fixture, where the value is encrypted as in the database.
        return self.from_db_value(value, None, None) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        # Fixtures carry the encrypted value, never the plain one.
        return self.get_prep_value(self.value_from_object(obj))
