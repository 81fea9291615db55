"""The buckets of the simulated OSS: objects, running multipart uploads and their parts, kept as files and documents."""

import hashlib
import secrets
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from sandbox.core import World, utc_time
from sandbox.files import receive
from sandbox.messages import BLOCK, Body
from sandbox.oss import crc64
from sandbox.store import Document

MAX_PARTS = 10_000


@dataclass(frozen=True)
class Draft:
    """Bytes that have arrived but belong to nothing yet; ``md5`` is lower-case hex."""

    path: Path
    size: int
    md5: str
    crc64: int

    @property
    def etag(self) -> str:
        return self.md5.upper()


@dataclass(frozen=True)
class StoredObject:
    """A complete object. ``kind``: ``Normal`` (put) or ``Multipart``; ``modified`` in unix seconds."""

    bucket: str
    key: str
    kind: str
    path: Path
    size: int
    md5: str
    etag: str
    crc64: int
    modified: float

    @property
    def http_date(self) -> str:
        return formatdate(self.modified, usegmt=True)


class Objects:
    """What is in the buckets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._folder = world.folder("oss")
        self._sweep()

    def receive(self, body: Body) -> Draft:
        """Take a body in; one that breaks off leaves nothing behind."""
        path = self._folder / secrets.token_hex(12)
        checksum = crc64.Crc64()
        try:
            received = receive(body, path, also=checksum.update)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Draft(path, received.size, received.md5, checksum.value)

    def discard(self, draft: Draft) -> None:
        draft.path.unlink(missing_ok=True)

    def store(self, bucket: str, key: str, draft: Draft, kind: str = "Normal", etag: str = "") -> StoredObject:
        """Make a draft the object of that name, replacing an earlier one."""
        document = {
            "bucket": bucket,
            "key": key,
            "kind": kind,
            "file": draft.path.name,
            "size": draft.size,
            "md5": draft.md5,
            "etag": etag or draft.etag,
            # A JSON number over 2**63 does not survive SQLite's JSON functions.
            "crc64": str(draft.crc64),
            "modified": self._world.clock.now(),
        }
        with self._store.transaction():
            earlier = self._store.get("oss-object", f"{bucket}/{key}")
            self._store.put("oss-object", f"{bucket}/{key}", document)
        if earlier:
            (self._folder / earlier["file"]).unlink(missing_ok=True)
        return self._object(document)

    def find(self, bucket: str, key: str) -> StoredObject | None:
        document = self._store.get("oss-object", f"{bucket}/{key}")
        return self._object(document) if document else None

    def remove(self, bucket: str, key: str) -> None:
        """Forget an object and every running upload of it."""
        for upload in self._store.all("oss-upload", bucket=bucket, key=key):
            self.abort(upload["id"])
        self.delete(bucket, key)

    def delete(self, bucket: str, key: str) -> None:
        """Forget an object; uploads of it go on."""
        document = self._store.get("oss-object", f"{bucket}/{key}")
        if document:
            self._store.delete("oss-object", f"{bucket}/{key}")
            (self._folder / document["file"]).unlink(missing_ok=True)

    def start_upload(self, bucket: str, key: str) -> Document:
        with self._store.transaction():
            # Ids grow with time, so that a list of uploads can be continued after one of them.
            upload_id = f"{self._store.next_number('oss-upload'):08X}{secrets.token_hex(12).upper()}"
            upload = {"id": upload_id, "bucket": bucket, "key": key, "initiated": self._world.clock.now()}
            self._store.put("oss-upload", upload_id, upload)
        return upload

    def upload(self, upload_id: str) -> Document | None:
        return self._store.get("oss-upload", upload_id)

    def uploads(self, bucket: str, prefix: str) -> list[Document]:
        return [each for each in self._store.all("oss-upload", bucket=bucket) if each["key"].startswith(prefix)]

    def store_part(self, upload_id: str, number: int, draft: Draft) -> bool:
        """Keep a part, replacing an earlier one of that number; False when the upload has ended meanwhile."""
        document = {
            "upload": upload_id,
            "number": number,
            "file": draft.path.name,
            "size": draft.size,
            "etag": draft.etag,
            "crc64": str(draft.crc64),
            "modified": self._world.clock.now(),
        }
        with self._store.transaction():
            if self._store.get("oss-upload", upload_id) is None:
                self.discard(draft)
                return False
            earlier = self.part(upload_id, number)
            self._store.put("oss-part", f"{upload_id}/{number}", document)
        if earlier:
            (self._folder / earlier["file"]).unlink(missing_ok=True)
        return True

    def part(self, upload_id: str, number: int) -> Document | None:
        return self._store.get("oss-part", f"{upload_id}/{number}")

    def parts(self, upload_id: str) -> list[Document]:
        """By number."""
        return sorted(self._store.all("oss-part", upload=upload_id), key=lambda part: int(part["number"]))

    def complete(self, upload: Document, parts: list[Document]) -> StoredObject | None:
        """Put the parts together as the object; None when somebody else ended the upload first."""
        try:
            draft = self._joined(parts)
        except FileNotFoundError:
            # Of two that complete it at once the other was first, and its parts are gone.
            return None
        tags = b"".join(bytes.fromhex(part["etag"]) for part in parts)
        etag = f"{hashlib.md5(tags, usedforsecurity=False).hexdigest().upper()}-{len(parts)}"
        with self._store.transaction():
            if not self._store.delete("oss-upload", upload["id"]):
                self.discard(draft)
                return None
            stored = self.store(upload["bucket"], upload["key"], draft, "Multipart", etag)
        self._drop_parts(upload["id"])
        return stored

    def abort(self, upload_id: str) -> None:
        self._store.delete("oss-upload", upload_id)
        self._drop_parts(upload_id)

    def describe_part(self, part: Document) -> dict[str, str]:
        return {
            "PartNumber": str(part["number"]),
            "LastModified": _moment(part["modified"]),
            "ETag": f'"{part["etag"]}"',
            "HashCrc64ecma": part["crc64"],
            "Size": str(part["size"]),
        }

    def describe_upload(self, upload: Document) -> dict[str, str]:
        return {"Key": upload["key"], "UploadId": upload["id"], "Initiated": _moment(upload["initiated"])}

    def _sweep(self) -> None:
        """Remove what a process that was killed left half received."""
        known = {each["file"] for kind in ("oss-object", "oss-part") for each in self._store.all(kind)}
        for path in self._folder.iterdir():
            if path.name not in known:
                path.unlink()

    def _joined(self, parts: list[Document]) -> Draft:
        """One pass over the bytes, for the md5; the CRC is combined from the parts' own. FileNotFoundError: gone."""
        path = self._folder / secrets.token_hex(12)
        md5, checksum, size = hashlib.md5(usedforsecurity=False), 0, 0
        try:
            with path.open("wb") as target:
                for part in parts:
                    with (self._folder / part["file"]).open("rb") as source:
                        while block := source.read(BLOCK):
                            md5.update(block)
                            target.write(block)
                    checksum = crc64.combine(checksum, int(part["crc64"]), part["size"])
                    size += part["size"]
        except FileNotFoundError:
            path.unlink()
            raise
        return Draft(path, size, md5.hexdigest(), checksum)

    def _drop_parts(self, upload_id: str) -> None:
        with self._store.transaction():
            parts = self.parts(upload_id)
            for part in parts:
                self._store.delete("oss-part", f"{upload_id}/{part['number']}")
        for part in parts:
            (self._folder / part["file"]).unlink(missing_ok=True)

    def _object(self, document: Document) -> StoredObject:
        values = {name: value for name, value in document.items() if name not in ("file", "crc64")}
        return StoredObject(**values, path=self._folder / document["file"], crc64=int(document["crc64"]))


def _moment(moment: float) -> str:
    return utc_time(moment).replace("Z", ".000Z")
