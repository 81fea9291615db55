"""How many bytes of each upload have arrived, repeated and refused ones too: what was sent twice shows here."""

from sandbox.store import Store

OWNER = "upload-owner"


class Received:
    """Counts in the store, so that they outlive a restart. Platforms say at create where a video's bytes will come."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def expect(self, key: str, platform: str, video_id: object) -> None:
        """What arrives under ``key`` (see ``Service.upload_key``) belongs to this video."""
        self._store.put(OWNER, key, {"video": f"{platform}/{video_id}"})

    def add(self, key: str, size: int) -> None:
        """One request has brought so many bytes of a file, all or none of which the platform may have taken."""
        owner = self._store.get(OWNER, key)
        if owner is not None:
            with self._store.transaction():
                self._store.count(f"received/{owner['video']}", size)
                self._store.count(f"parts/{owner['video']}", 1)

    def size(self, platform: str, video_id: object) -> int:
        """Bytes; 0 for a video that nobody knows."""
        return self._store.counted(f"received/{platform}/{video_id}")

    def parts(self, platform: str, video_id: object) -> int:
        """Requests that brought them."""
        return self._store.counted(f"parts/{platform}/{video_id}")
