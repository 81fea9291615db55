"""Storages as a hub has them, each with a back door: what is in them, and how others change it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Self
from urllib.parse import urlsplit

import boto3

from platforms.storage import MediaStorage
from platforms.storage.disk import DiskStorage
from platforms.storage.oss import OssStorage
from platforms.storage.s3 import S3Storage
from sandbox.server import Sandbox
from tests.hub import until
from tests.storage.line import Line

BUCKET = "school-videos"
REGION = "cn-hangzhou"


class Place:
    """`settings`: what STORAGES says of it. `environment`: the same for a process."""

    settings: dict[str, Any]
    environment: dict[str, str]
    line: Line

    def storage(self, **changed: Any) -> MediaStorage:
        raise NotImplementedError

    def names(self) -> list[str]:
        """What is kept."""
        raise NotImplementedError

    def unfinished(self) -> list[str]:
        """What is being brought and not complete."""
        return []

    def replace(self, name: str, data: bytes) -> None:
        """Other bytes under the same name, put there by somebody else."""
        raise NotImplementedError

    def drop(self, name: str) -> None:
        raise NotImplementedError


class Disk(Place):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = {"BACKEND": "platforms.storage.disk.DiskStorage"}
        self.environment = {}

    def storage(self, **changed: Any) -> DiskStorage:
        return DiskStorage(location=str(self.folder), **changed)

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def replace(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def drop(self, name: str) -> None:
        (self.folder / name).unlink()


class Bucket(Place):
    """`options` are the storage's own; `line` leads to it."""

    kind: str
    backend: type[OssStorage | S3Storage]

    def __init__(self, line: Line, options: dict[str, Any]) -> None:
        self.line = line
        self.options = {"bucket": BUCKET, "endpoint": line.url, "region": REGION, "prefix": "hub/", **options}
        name = f"{self.backend.__module__}.{self.backend.__name__}"
        self.settings = {"BACKEND": name, "OPTIONS": self.options}
        self.environment = {
            "MEDIA_STORAGE": self.kind,
            "MEDIA_BUCKET": BUCKET,
            "MEDIA_ENDPOINT": line.url,
            "MEDIA_REGION": REGION,
            "MEDIA_KEY_ID": options["key_id"],
            "MEDIA_KEY_SECRET": options["key_secret"],
            "MEDIA_PREFIX": "hub",
            "MEDIA_PATH_STYLE": "1",
        }

    def storage(self, **changed: Any) -> OssStorage | S3Storage:
        return self.backend(**{**self.options, **changed})


class Oss(Bucket):
    kind, backend = "oss", OssStorage

    def __init__(self, box: Sandbox, line: Line) -> None:
        self.box = box
        key = box.oss.bucket_key(BUCKET)
        super().__init__(line, {"key_id": key.access_key_id, "key_secret": key.access_key_secret})

    def names(self) -> list[str]:
        objects = [each for each in self.box.store.all("oss-object") if each["bucket"] == BUCKET]
        return sorted(each["key"].removeprefix("hub/") for each in objects)

    def unfinished(self) -> list[str]:
        return [each["key"] for each in self.box.oss.objects.uploads(BUCKET, "")]

    def replace(self, name: str, data: bytes) -> None:
        path = self.box.data / "replaced"
        path.write_bytes(data)
        other = OssStorage(**{**self.options, "endpoint": self.box.url})
        other.calls.put(other.key(name), data)

    def drop(self, name: str) -> None:
        self.box.oss.objects.remove(BUCKET, f"hub/{name}")


class S3(Bucket):
    kind, backend = "s3", S3Storage

    def __init__(self, moto: Moto, line: Line) -> None:
        super().__init__(line, {"key_id": moto.key_id, "key_secret": moto.key_secret, "path_style": True})
        self.client = moto.client("s3")

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return sorted(each["Key"].removeprefix("hub/") for each in found)

    def unfinished(self) -> list[str]:
        return [each["Key"] for each in self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())]

    def replace(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"hub/{name}", Body=data)

    def drop(self, name: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=f"hub/{name}")

    def empty(self) -> None:
        """As it is at the beginning of a test."""
        for key in self.unfinished():
            for each in self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()):
                if each["Key"] == key:
                    self.client.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=each["UploadId"])
        for name in self.names():
            self.drop(name)


class Moto:
    """A server that speaks S3, in a process of its own, with a bucket. `strict`: it checks who asks.

    One that checks lets everybody in until the bucket, a person and their key are made.
    """

    SETTING_UP = 4
    POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}

    def __init__(self, *, strict: bool = False) -> None:
        self.key_id, self.key_secret = "testing", "testing-secret-of-the-bucket"
        checks = {"INITIAL_NO_AUTH_ACTION_COUNT": str(self.SETTING_UP)} if strict else {}
        self._said = NamedTemporaryFile()  # noqa: SIM115 - closed when the server has ended
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            env=os.environ | checks | {"S3_UPLOAD_PART_MIN_SIZE": str(100 * 1024)},
            stdout=subprocess.DEVNULL, stderr=self._said,
        )  # fmt: skip
        until(self._address)
        self.url = self._address()
        place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
        self.client("s3").create_bucket(Bucket=BUCKET, **place)
        if strict:
            iam = self.client("iam")
            iam.create_user(UserName="hub")
            iam.put_user_policy(UserName="hub", PolicyName="all", PolicyDocument=json.dumps(self.POLICY))
            key = iam.create_access_key(UserName="hub")["AccessKey"]
            self.key_id, self.key_secret = key["AccessKeyId"], key["SecretAccessKey"]

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=self.key_id,
            aws_secret_access_key=self.key_secret,
        )  # fmt: skip

    def _address(self) -> str:
        """Where it serves; empty as long as it has not said so. The system has chosen a port that nobody has."""
        found = re.search(r"Running on (http://127\.0\.0\.1:\d+)", Path(self._said.name).read_text())
        return found[1] if found else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._said.close()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
