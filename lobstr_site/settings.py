"""The one settings file; what differs between installations comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url

from lobstr_site.environment import (
    account_keys,
    flag,
    number,
    own_folder,
    secret,
    secret_key,
    words,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("LOBSTR_DATA") or BASE_DIR / ".data").resolve()

DEBUG = flag("LOBSTR_DEBUG")
SECRET_KEY = secret_key(DATA_DIR)
ACCOUNT_KEYS = account_keys(DATA_DIR)
PORT = number("LOBSTR_PORT", 8000)
SITE_URL = (os.environ.get("LOBSTR_URL") or f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS = words("LOBSTR_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = words("LOBSTR_ORIGINS")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "csp",
    "django_htmx",
    "django_q",
    "ninja",
    "lobstr_site",
    "squids",
    "runs",
]

MIDDLEWARE = [
    "lobstr_site.api.transport.in_our_shape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "squids.zones.viewer_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "lobstr_site.urls"
ASGI_APPLICATION = "lobstr_site.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "runs.context.account",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------
# SQLite: WAL and IMMEDIATE, so that a reader never waits and a writer never finds its snapshot
# stale. Long-lived connections are for workers; a web request gives its own back.
SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
    ),
}


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL")
    if url:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "lobstr.sqlite3"}
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = SQLITE_OPTIONS | config.get("OPTIONS", {})
        # A file, since the worker's thread and other processes have connections of their own.
        config["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
    config["CONN_MAX_AGE"] = 60 if flag("LOBSTR_WORKER") else 0
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "squids.User"

# --- queue ------------------------------------------------------------------------------------
# A job is a ring: short, and safe to repeat. retry counts from prefetch, so it stays far above
# timeout, and nothing is prefetched. Two processes more than slices may run at once, so that ticks
# and uploads wait neither for a slice nor for a mail server.
SLICES = number("LOBSTR_WORKERS", 2)
Q_CLUSTER: dict[str, Any] = {
    "name": "lobstr",
    "orm": "default",
    "workers": SLICES + 2,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 120,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "recycle": 200,
    "save_limit": 200,
    "time_zone": "UTC",
    "label": "Queue",
}

# --- what may be fetched, and how ---------------------------------------------------------------
ALLOW_PRIVATE = frozenset(words("LOBSTR_ALLOW_PRIVATE"))
USER_AGENT = os.environ.get("LOBSTR_USER_AGENT") or "LobstrOpen/0.1 (self-hosted scraper)"
PROXY = os.environ.get("LOBSTR_PROXY") or None
DNS = tuple(words("LOBSTR_DNS"))
FETCH_TIMEOUT = number("LOBSTR_FETCH_TIMEOUT", 30)
MAX_BODY = number("LOBSTR_MAX_BODY_MB", 20) * 1024 * 1024

# --- live -------------------------------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL") or None
BELLS_DIR = DATA_DIR / "bells"
HOSTS_DIR = DATA_DIR / "hosts"

# --- API --------------------------------------------------------------------------------------
API_RATE = number("LOBSTR_API_RATE", 1200)

# --- sign-in, time, files -----------------------------------------------------------------------
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "squids:list"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# `up` collects and compresses the static files; without that they are served as they are.
STATIC_ROOT = own_folder(DATA_DIR / "static")
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / ".collected").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("LOBSTR_HTTPS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("LOBSTR_HTTPS") else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:", "https:", "http:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- e-mail -------------------------------------------------------------------------------------
# Without a server e-mails are written to the log. LOBSTR_EMAIL_BACKEND is for other ways to send.
EMAIL_HOST = os.environ.get("LOBSTR_EMAIL_HOST", "").strip()
EMAIL_SECURITY = (os.environ.get("LOBSTR_EMAIL_SECURITY") or "starttls").strip().lower()
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = number("LOBSTR_EMAIL_PORT", 465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER = os.environ.get("LOBSTR_EMAIL_USER", "").strip()
EMAIL_HOST_PASSWORD = secret("LOBSTR_EMAIL_PASSWORD")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("LOBSTR_EMAIL_FROM") or (
    EMAIL_HOST_USER if "@" in EMAIL_HOST_USER else "lobstr@localhost"
)
CONSOLE_EMAIL = "django.core.mail.backends.console.EmailBackend"
EMAIL_BACKEND = os.environ.get("LOBSTR_EMAIL_BACKEND") or (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else CONSOLE_EMAIL
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django-q": {"level": "WARNING"}},
}
