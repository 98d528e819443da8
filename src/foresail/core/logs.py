"""Logs: one line of JSON on stdout for each request and each fault, without anybody's data.

Of a fault the kinds of error and the lines of code are told, not the message: databases put values into it.
"""

from __future__ import annotations

import logging.config
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TextIO, cast

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER: Final = "X-Request-Id"
LONGEST_PATH: Final = 200
FRAMES: Final = 12

Answer = Callable[[HttpRequest], HttpResponseBase]

log = structlog.stdlib.get_logger("foresail")


class Lossy:
    """stdout, where a line may be lost: on a full disk, it is that or what the line is about."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stdout.flush()


def configure() -> None:
    """Write everything that is logged in this process as JSON to stdout. Called once, where a process begins."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_data,
    ]
    to_text = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    structlog.configure(
        processors=[*shared, to_text],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Lossy())),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, to_text],
                    "foreign_pre_chain": [structlog.stdlib.add_logger_name, *shared],
                    "keep_exc_info": False,
                }
            },
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "json",
                }
            },
            "root": {"handlers": ["stdout"], "level": "WARNING"},
            "loggers": {
                "procrastinate": {"level": "INFO"},
                # Says of each refused request again what our own line says, and of a host what was typed.
                "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
                "django.security": {"handlers": [], "level": "CRITICAL", "propagate": False},
            },
        }
    )


def fault(error: BaseException, event: str = "fault") -> None:
    """Log an error that nobody expected."""
    log.error(event, **_told(error))


def without_data(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replace the exception of a log line by its kind, those behind it, and where it happened."""
    told = line.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        line.update(_told(error))
    return line


def _told(error: BaseException) -> dict[str, Any]:
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) and before not in chain:
        chain.append(before)
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error": " < ".join(type(each).__qualname__ for each in chain),
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


class Logged:
    """Give each request an id, and log how it was answered: no query, no body, no cookie."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request.id = str(uuid.uuid4())  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request=request.id):  # type: ignore[attr-defined]
            response = self.answer(request)
            log.info(
                "request",
                method=request.method,
                path=request.path[:LONGEST_PATH],
                status=response.status_code,
                ms=round((time.perf_counter() - began) * 1000, 1),
                user=getattr(getattr(request, "auth", None), "user_id", None),
            )
        response[HEADER] = request.id  # type: ignore[attr-defined]
        return response
