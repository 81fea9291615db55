"""Where video files are kept: behind Django's STORAGES, and read at positions, a part at a time, by several threads.

Only the settings know which storage it is. Services use Django's own verbs and those of `MediaStorage`; drivers see
nothing of it but a `Source`.
"""

from platforms.storage.kinds import ClosingSource, FarStorage, Look, MediaStorage, storage_of

__all__ = ["ClosingSource", "FarStorage", "Look", "MediaStorage", "storage_of"]
