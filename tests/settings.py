"""Settings of the test suite: the product's own, with nothing read from a developer's `.env`."""

import os
import tempfile

os.environ["ENV_FILE"] = ""
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("MEDIA_ROOT", tempfile.mkdtemp(prefix="mediahub-media-"))
os.environ.setdefault("STATIC_ROOT", tempfile.mkdtemp(prefix="mediahub-static-"))
os.environ.setdefault("SECRET_KEY", "a key that only the tests use, and that is long enough for Django")
os.environ.setdefault("CREDENTIALS_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")

from mediahub.settings import *  # noqa: F403
from mediahub.settings import DATABASES, MEDIA_ROOT, STORAGES

DEBUG = False
# Uploads run in the calling thread: others would not see the rows of a test's own transaction. Tests of several at once
# choose their number, and commit.
UPLOADS_PER_WORKER = 1
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file: leases are renewed by threads, and an in-memory database cannot be shared with them safely.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(MEDIA_ROOT, "test.sqlite3")}
