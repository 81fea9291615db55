"""Addresses that nobody else can make up: a short keyed hash over what an address says."""

import hashlib
import hmac
import secrets

from sandbox.store import Store


class Seal:
    """Marks of one purpose; its key lives in the store, so that addresses survive a restart."""

    def __init__(self, store: Store, purpose: str) -> None:
        with store.transaction():
            document = store.get("seal", purpose) or {"key": secrets.token_hex(16)}
            store.put("seal", purpose, document)
        self._key = str(document["key"]).encode()

    def mark(self, *parts: object) -> str:
        """32 hex digits that only this sandbox can compute for these parts."""
        text = "\n".join(str(part) for part in parts)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def fits(self, mark: str, *parts: object) -> bool:
        return hmac.compare_digest(mark.encode(), self.mark(*parts).encode())
