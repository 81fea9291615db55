"""Settings: every value comes from the environment or `.env`, is typed, and is explained in `.env.example`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from mediahub import environment, media_storage

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

ENV_FILE = environment.text("ENV_FILE", str(BASE_DIR / ".env"))
environment.read_file(ENV_FILE)


def _kept(name: str, make: str) -> str:
    """A development key: the environment's, or one made once and kept in `var/`."""
    if value := environment.text(name):
        return value
    path = VAR_DIR / name.lower()
    if not path.is_file():
        VAR_DIR.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(make)
    return path.read_text()


DEBUG = environment.flag("DEBUG")
if DEBUG:
    SECRET_KEY = _kept("SECRET_KEY", get_random_secret_key())
    _credentials_key = _kept("CREDENTIALS_KEY", Fernet.generate_key().decode())
else:
    SECRET_KEY = environment.required("SECRET_KEY", "sessions and forms are signed with it.")
    _credentials_key = environment.required("CREDENTIALS_KEY", "account credentials are encrypted with it.")
CREDENTIALS_KEYS = environment.fernet_keys("CREDENTIALS_KEY", _credentials_key)

PUBLIC_URL = environment.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured(
        f"PUBLIC_URL must be an http or https address such as https://hub.example.com: {PUBLIC_URL!r}"
    )
ALLOWED_HOSTS = environment.env.list("ALLOWED_HOSTS", default=[_public.hostname, "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "axes",
    "csp",
    "django_q",
    "platforms",
    "sandbox",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mediahub.requests.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "mediahub.requests.client_address"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ROOT_URLCONF = "mediahub.urls"
WSGI_APPLICATION = "mediahub.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Rows --------------------------------------------------------------------------------------------------------------
DATABASES = {"default": environment.database("DATABASE_URL", VAR_DIR / "mediahub.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE makes a writer wait for the lock instead of failing at once; 20 s is far beyond any write we make.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;"
        ),
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
# Opening a connection costs more than most requests need of it.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
REDIS_URL = environment.redis("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Work --------------------------------------------------------------------------------------------------------------
# The queue library's names of the two queues; uploads have their own so that they never delay polls.
QUEUES = {"default": "mediahub", "uploads": "mediahub-uploads"}
# As leases and pulses name this machine, which no other may be called.
MACHINE_NAME = environment.machine("MACHINE_NAME")
UPLOAD_SLICE_SECONDS = environment.number("UPLOAD_SLICE_SECONDS", 420)
UPLOAD_CONNECTIONS = environment.number("UPLOAD_CONNECTIONS", 4)
UPLOAD_CONNECTIONS_PER_WORKER = environment.number("UPLOAD_CONNECTIONS_PER_WORKER", 12)
# More than the line serves with full shares: the others are kept for small files.
UPLOADS_PER_WORKER = environment.number("UPLOADS_PER_WORKER", max(1, UPLOAD_CONNECTIONS_PER_WORKER // 2))
UPLOAD_LIMIT = environment.number("UPLOAD_LIMIT", 0, least=0)
# How long a worker cluster may be silent before the supervisor replaces it.
WORKER_SILENCE_SECONDS = environment.number("WORKER_SILENCE_SECONDS", 60)
Q_CLUSTER: dict[str, Any] = {
    "name": QUEUES["default"],
    "workers": environment.number("DEFAULT_WORKERS", 2),
    "timeout": 120,
    "retry": 180,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "guard_cycle": 1,
    "poll": 0.5,
    "scheduler": False,  # the supervisor's sweep is the clock
    "label": "MediaHub",
    # The library's own, with an address for each machine.
    "broker_class": "platforms.redis_broker.RedisBroker" if REDIS_URL else "platforms.broker.OrmBroker",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "ALT_CLUSTERS": {
        QUEUES["uploads"]: {
            "workers": environment.number("UPLOAD_WORKERS", 2),
            "timeout": UPLOAD_SLICE_SECONDS + 480,
            "retry": UPLOAD_SLICE_SECONDS + 780,
            "queue_limit": 1,
            "bulk": 1,
            "recycle": 20,
        }
    },
}

# Platforms ---------------------------------------------------------------------------------------------------------
PLATFORM_ADDRESSES = {
    name: environment.text(name, default)
    for name, default in {
        "YOUKU_API_URL": "https://api.youku.com",
        "YOUKU_OPENAPI_URL": "https://openapi.youku.com/v2",
        "IQIYI_API_URL": "https://openapi.iqiyi.com",
        "IQIYI_UPLOAD_URL": "http://upload.iqiyi.com",
        "BAIJIAYUN_API_URL": "https://{private_domain}.at.baijiayun.com",
    }.items()
}

# Files -------------------------------------------------------------------------------------------------------------
# Videos are kept in MEDIA_ROOT or, with MEDIA_STORAGE, in a bucket; what arrives lies in MEDIA_ROOT first in any case.
MEDIA_ROOT = environment.text("MEDIA_ROOT", str(VAR_DIR / "media"))
STATIC_URL = "static/"
STATIC_ROOT = environment.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": media_storage.chosen(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["platforms.services.files.media.HashingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = environment.text("FILE_UPLOAD_TEMP_DIR") or None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# What browsers send in pieces: the largest file (0: any), room on the disk that it never takes, and for how many days
# a file is kept to which nothing happens.
INTAKE_MAX_BYTES = environment.number("INTAKE_MAX_BYTES", 0, least=0)
INTAKE_RESERVE = environment.number("INTAKE_RESERVE", 1024**3, least=0)
INTAKE_KEEP_DAYS = environment.number("INTAKE_KEEP_DAYS", 7)
# What the hub fetches itself: from a folder of the server ("": from none), and from the net; the largest file, and the
# private networks of the house that may be asked too.
INGEST_ROOT = environment.folder("INGEST_ROOT")
INGEST_MAX_BYTES = environment.number("INGEST_MAX_BYTES", 100 * 1024**3)
INGEST_ALLOW_NETWORKS = environment.networks("INGEST_ALLOW_NETWORKS")

# People ------------------------------------------------------------------------------------------------------------
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_CODE = environment.choice("LANGUAGE_CODE", "zh-hans", dict(LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = environment.text("TIME_ZONE", "Asia/Shanghai")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE must be the name of a time zone such as Asia/Shanghai: {TIME_ZONE!r}")
USE_TZ = True
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Safety ------------------------------------------------------------------------------------------------------------
BEHIND_PROXY = environment.flag("BEHIND_PROXY")
_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Covers come from the platforms' own image hosts, which are many and change.
        "img-src": [SELF, "data:", "https:", "http:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
LOG_LEVEL = environment.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "platforms.transport.redact.RedactingFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": "INFO", "handlers": [], "propagate": True},
        # These print signed addresses and headers below WARNING.
        "oss2": {"level": "WARNING"},
        "boto3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        # One line a hint tells nothing; the library configures a handler of its own unless it finds one here.
        "django-q": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
    },
}
