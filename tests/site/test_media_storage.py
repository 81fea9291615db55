"""Where video files are kept is chosen by the environment, and what is missing is told in one sentence."""

from __future__ import annotations

import pytest

from tests.site.test_environment import started_with

OSS = {
    "MEDIA_STORAGE": "oss",
    "MEDIA_BUCKET": "school-videos",
    "MEDIA_ENDPOINT": "https://oss-cn-hangzhou-internal.aliyuncs.com",
    "MEDIA_KEY_ID": "LTAI0000000000000000",
    "MEDIA_KEY_SECRET": "a-secret-word",
}
S3 = {**OSS, "MEDIA_STORAGE": "s3", "MEDIA_ENDPOINT": "https://s3.example.com", "MEDIA_REGION": "us-east-1"}


@pytest.mark.parametrize("variables", [{}, {"MEDIA_STORAGE": "disk"}, OSS, S3])
def test_what_is_complete_is_taken(variables):
    done = started_with(**variables)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("given", [OSS, S3])
@pytest.mark.parametrize("name", ["MEDIA_BUCKET", "MEDIA_KEY_ID", "MEDIA_KEY_SECRET"])
def test_what_is_missing_is_named(given, name):
    told(started_with(**{**given, name: ""}), name, "not set")


def test_everything_that_is_missing_is_named_at_once():
    told(started_with(MEDIA_STORAGE="oss"), "MEDIA_BUCKET, MEDIA_ENDPOINT, MEDIA_KEY_ID, MEDIA_KEY_SECRET")


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"MEDIA_STORAGE": "ftp"}, "MEDIA_STORAGE"),
        ({**OSS, "MEDIA_ENDPOINT": ""}, "MEDIA_ENDPOINT"),
        ({**OSS, "MEDIA_ENDPOINT": "https://oss.school.example"}, "MEDIA_REGION"),
        ({**OSS, "MEDIA_ENDPOINT": "https://a-secret-word@oss-cn-hangzhou.aliyuncs.com"}, "MEDIA_ENDPOINT"),
        ({**OSS, "MEDIA_BUCKET": "https://bucket"}, "MEDIA_BUCKET"),
        ({**OSS, "MEDIA_PREFIX": "../up"}, "MEDIA_PREFIX"),
        ({**S3, "MEDIA_REGION": ""}, "MEDIA_REGION"),
        ({**S3, "MEDIA_PATH_STYLE": "maybe"}, "MEDIA_PATH_STYLE"),
    ],
)
def test_a_wrong_variable_is_named(variables, name):
    told(started_with(**variables), name)


def told(done, *words: str) -> None:
    """It did not start, and said so in one sentence that has no secret in it."""
    assert done.returncode == 1
    assert all(word in done.stderr for word in words), done.stderr
    assert "a-secret-word" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
