"""Django's settings. What differs between installations comes from the environment and from the home folder."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from foresail.core.cluster import DATABASE, USER, Cluster
from foresail.core.home import Home

HOME = Home.of_environment(os.environ)


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
        }
    cluster = Cluster(HOME)
    options = {"passfile": str(cluster.passfile)}
    return common | {"NAME": DATABASE, "USER": USER, "HOST": str(cluster.socket), "OPTIONS": options}


DATABASES = {"default": database(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "foresail.people",
    "foresail.governance",
]
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

ROOT_URLCONF = "foresail.site.urls"
WSGI_APPLICATION = "foresail.site.wsgi.application"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
