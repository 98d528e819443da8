"""Django's settings. What differs between installations comes from the environment and from the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.functional import SimpleLazyObject

import foresail
from foresail.core.cluster import DATABASE, USER, Cluster
from foresail.core.home import Home

HOME = Home.of_environment(os.environ)


# A list names a dozen tables and walks one: to weigh every order of so many takes the planner 40 ms, the list 2. Nor is
# a query worth compiling: where a server can, it takes longer for that than for any of ours.
PLANNING = "-c join_collapse_limit=4 -c jit=off"


def database(url: str | None) -> dict[str, Any]:
    """Return the database that `url` names (postgresql://user:password@host:port/name), else the embedded one."""
    common = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    if url:
        parts = urlsplit(url)
        return common | {
            "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {"options": PLANNING},
        }
    cluster = Cluster(HOME)
    options = {"passfile": str(cluster.passfile), "options": PLANNING}
    return common | {"NAME": DATABASE, "USER": USER, "HOST": str(cluster.socket), "OPTIONS": options}


def rates(text: str) -> dict[str, int]:
    """Return the limits that `text` sets, such as "session=600,key=0". Raises ValueError for what is none.

    >>> rates("session=600, key=0")
    {'session': 600, 'key': 0}
    """
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    found = {name.strip(): int(number) for name, _, number in pairs}
    if not found.keys() <= {"session", "key", "address"} or any(number < 0 for number in found.values()):
        raise ValueError(
            f"FORESAIL_RATE_LIMITS sets session, key and address to numbers from 0, not {text!r}"
        )
    return found


DATABASES = {"default": database(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "procrastinate.contrib.django",
    "foresail.core",
    "foresail.people",
    "foresail.governance",
    "foresail.crm",
    "foresail.timeline",
    "foresail.conversations",
    "foresail.signals",
    "foresail.forecast",
    "foresail.drafts",
    "foresail.advice",
    "foresail.incentives",
    "foresail.notices",
]
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

# Read when first used, so that a command that only prints its help makes no folder.
SECRET_KEY: Any = SimpleLazyObject(lambda: HOME.secret("django"))

ROOT_URLCONF = "foresail.site.urls"
WSGI_APPLICATION = "foresail.site.wsgi.application"
APPEND_SLASH = False
WEB_FOLDER = Path(foresail.__file__).parent / "web_dist"

# Outermost first. What is counted and logged is what the browser gets.
MIDDLEWARE = [
    "foresail.site.metrics.Measured",
    "foresail.core.logs.Logged",
    "foresail.site.problems.Problems",
    "foresail.site.headers.Headers",
    "foresail.site.limits.Limited",
    "foresail.people.http.Bounds",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "foresail.site.problems.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"

# Names under which others reach us, through a proxy that speaks TLS; separated by commas.
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
HOSTS = [name.strip() for name in os.environ.get("FORESAIL_HOSTS", "").split(",") if name.strip()]
ALLOWED_HOSTS = [*LOOPBACK_HOSTS, *HOSTS]
CSRF_TRUSTED_ORIGINS = [f"https://{'*' * name.startswith('.')}{name}" for name in HOSTS if name != "*"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HOSTS else None
# Behind TLS a browser asks by TLS alone from then on; SecurityMiddleware says so only there.
SECURE_HSTS_SECONDS = 365 * 86400 if HOSTS else 0

# Requests to the API in a minute of one session, one key, and of one address without either. 0: as many as come.
RATE_LIMITS = {"session": 1200, "key": 600, "address": 600} | rates(
    os.environ.get("FORESAIL_RATE_LIMITS", "")
)

# Who scrapes /metrics from another machine shows this.
METRICS_TOKEN = os.environ.get("FORESAIL_METRICS_TOKEN", "")

# Where sums of signals are computed: nothing is DuckDB here, sc://host:port a Spark cluster, which must see the folder of
# files (nothing: a folder at home) under the same name.
ENGINE = os.environ.get("FORESAIL_ENGINE", "")
PARQUET = os.environ.get("FORESAIL_PARQUET", "")

FILE_UPLOAD_HANDLERS = ["foresail.site.uploads.Bounded"]

# Rooms keep their tasks in `jobs`. A worker without a heartbeat for so long is taken for dead.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
STALLED_SECONDS = 60
PROCRASTINATE_WORKER_DEFAULTS = {"stalled_worker_timeout": STALLED_SECONDS}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
