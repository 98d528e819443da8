"""A browser: keeps cookies, sends the CSRF token as our pages do, and is refused without it."""

from __future__ import annotations

from typing import Any

from django.test import Client

PASSWORD = "correct horse battery"


class Browser(Client):
    """`host` is what the address bar says; anything else of the environment may be named, as for Client."""

    def __init__(self, host: str = "127.0.0.1:8650", **environment: Any) -> None:
        super().__init__(enforce_csrf_checks=True, HTTP_HOST=host, HTTP_USER_AGENT="Tests", **environment)

    def send(self, method: str, path: str, body: object = None, **extra: Any) -> Any:
        """Send `body` as JSON, with the token of the CSRF cookie if there is one."""
        token = self.cookies.get("csrftoken")
        if token is not None:
            extra.setdefault("HTTP_X_CSRFTOKEN", token.value)
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self, method.lower())(path, **data, **extra)

    def sign_in(self, email: str = "li@example.com", password: str = PASSWORD, **more: Any) -> Any:
        """Open the sign-in page and fill it in."""
        self.get("/api/entry")
        return self.send("POST", "/api/session", {"email": email, "password": password} | more)
