"""Whatever goes wrong becomes a `Problem`: a code, a sentence in both languages, and the id to find it in the logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg.errors import DiskFull

from foresail.core import logs
from foresail.core.api import problem
from foresail.core.conditions import ConditionInvalid
from foresail.core.errors import NotFound, Refusal
from foresail.core.logs import Answer
from foresail.people.errors import CsrfMissing, NotAllowed, SignedOut
from foresail.people.models import ApiKey, Session


class Fault(Refusal):
    code = "fault"
    status = 500
    zh = "系统出现意外故障，您的操作没有完成。请稍后重试；如仍失败，请把请求编号告诉管理员。"
    en = "Something broke on our side, and this was not done. Try again; if it fails again, give the administrator the request id."


class Away(Refusal):
    """The database does not answer, or not in time."""

    code = "unavailable"
    status = 503
    zh = "数据库暂时没有响应，请稍后重试。"
    en = "The database does not answer at the moment. Try again soon."


class Full(Refusal):
    """There is no space left where the database lies."""

    code = "disk_full"
    status = 503
    zh = "服务器的磁盘已满，内容没有保存。请告诉管理员；腾出空间后即可重试。"
    en = "The server's disk is full, and this was not kept. Tell the administrator; once there is space, try again."


class Invalid(Refusal):
    code = "invalid"
    status = 422
    zh = "有内容填写不正确，请检查后重试。"
    en = "Some values are not right. Check them and try again."


class Malformed(Refusal):
    code = "malformed"
    zh = "请求的格式不正确。"
    en = "The request could not be read."


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    zh = "提交的内容过大，请减少后重试。"
    en = "That is too much at once. Send less."


class TooOften(Refusal):
    code = "too_often"
    status = 429
    zh = "请求过于频繁，请在 {seconds} 秒后重试。"
    en = "Too many requests. Try again in {seconds} seconds."

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=seconds)


class NoAddress(Refusal):
    code = "no_address"
    status = 404
    zh = "没有这个地址。"
    en = "There is no such address."


class NoMethod(Refusal):
    code = "no_method"
    status = 405
    zh = "这个地址不支持此操作。"
    en = "This address does not take that method."


class Other(Refusal):
    zh = "操作未能完成，请刷新页面后重试。"
    en = "This could not be done. Load the page again and retry."


_BY_STATUS: Final[Mapping[int, type[Refusal]]] = {
    400: Malformed,
    401: SignedOut,
    403: NotAllowed,
    404: NoAddress,
    405: NoMethod,
    413: TooLarge,
    422: Invalid,
    500: Fault,
    503: Away,
}

# Kinds of pydantic's errors, longest first where one begins like another → (zh, en).
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("请填写此项。", "Enter a value."),
    "string_too_short": ("内容过短。", "This is too short."),
    "string_too_long": ("内容过长。", "This is too long."),
    "string": ("请填写文字。", "Enter a text."),
    "int": ("请填写整数。", "Enter a whole number."),
    "float": ("请填写数字。", "Enter a number."),
    "decimal": ("请填写数字，位数不要过多。", "Enter a number, with fewer digits if it has many."),
    "bool": ("请填写是或否。", "Enter true or false."),
    "datetime": (
        "请填写日期和时间，例如 2026-03-02T09:00:00Z。",
        "Enter a date and time like 2026-03-02T09:00:00Z.",
    ),
    "timezone": ("时间需要带时区。", "The time needs a time zone."),
    "date": ("请填写日期，例如 2026-03-02。", "Enter a date like 2026-03-02."),
    "literal": ("请从可选项中选择。", "Choose one of the possible values."),
    "enum": ("请从可选项中选择。", "Choose one of the possible values."),
    "greater_than": ("数值过小。", "The number is too small."),
    "less_than": ("数值过大。", "The number is too large."),
    "finite_number": ("请填写有限的数字。", "Enter a finite number."),
    "list": ("请填写列表。", "Enter a list."),
    "dict": ("请填写键值。", "Enter names and values."),
    "model": ("请填写对象。", "Enter an object."),
    "": ("请检查此项。", "Check this value."),
}


def to_problem(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer with the problem that `error` is; log it where nobody expected it."""
    match error:
        case ConditionInvalid():
            told = error.zh if speaks_chinese(request) else error.en
            return problem(request, error, fields={error.path: told})
        case Refusal():
            word = 0 if speaks_chinese(request) else 1
            return problem(request, error, fields={name: told[word] for name, told in error.fields.items()})
        case ValidationError():
            return problem(request, Invalid(), fields=_fields(error.errors, chinese=speaks_chinese(request)))
        case AuthenticationError():
            return problem(request, SignedOut())
        case HttpError():
            return _of_status(request, error.status_code)
        case Http404():
            return problem(request, NotFound())
        case PermissionDenied():
            return problem(request, NotAllowed())
        case RequestDataTooBig():
            return problem(request, TooLarge())
        case SuspiciousOperation() | BadRequest():
            return problem(request, Malformed())
        case DataError():  # a number out of range, a character that no text may hold
            logs.fault(error, "refused_by_database")
            return problem(request, Invalid())
        case OperationalError() | InterfaceError():
            logs.fault(error, "database_away")
            response = problem(request, Full() if isinstance(error.__cause__, DiskFull) else Away())
            response["Retry-After"] = "5"
            return response
    assert isinstance(error, Exception)  # ninja's types allow a class, and it passes none
    logs.fault(error)
    return problem(request, Fault())


def add_handlers(api: NinjaAPI) -> None:
    """Let `api` answer with problems, whatever is raised in it."""
    for kind in (Exception, HttpError, Http404, ValidationError):  # those that have a handler of ninja's own
        api.add_exception_handler(kind, to_problem)


class Problems:
    """The same for what is raised or refused elsewhere, and for a host that is not ours."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost: another name may be another site's trick
        response = self.answer(request)
        if isinstance(response, HttpResponse) and response.status_code >= 400 and _is_page(response):
            told = _of_status(request, response.status_code)
            response.content, response["Content-Type"] = told.content, told["Content-Type"]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        return to_problem(request, error)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What Django asks for where a write lacks its token."""
    del reason
    return problem(request, CsrfMissing())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django asks for where a request is refused before any view."""
    return to_problem(request, exception if isinstance(exception, SuspiciousOperation) else BadRequest())


def server_error(request: HttpRequest) -> HttpResponse:
    """What Django asks for where even our own middleware fails."""
    return problem(request, Fault())


def no_address(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """What is answered where nothing is."""
    return problem(request, NoAddress())


def speaks_chinese(request: HttpRequest) -> bool:
    """Whether single words to the caller should be Chinese: by their own setting, else by their browser's."""
    asks = getattr(request, "auth", None)
    if isinstance(asks, Session | ApiKey):
        return asks.user.language == "zh"
    return not request.headers.get("Accept-Language", "").lower().startswith("en")


def _is_page(response: HttpResponse) -> bool:
    """Whether nobody of ours said it: Django's and ninja's own answers are HTML, or say that they are."""
    return response.get("Content-Type", "").startswith("text/html")


def _of_status(request: HttpRequest, status: int) -> HttpResponse:
    kind = _BY_STATUS.get(status, Other)
    return problem(request, kind(), status=HTTPStatus(status))


def _fields(errors: Iterable[Mapping[str, Any]], *, chinese: bool) -> dict[str, str]:
    told: dict[str, str] = {}
    for error in errors:
        where, code = error["loc"], str(error["type"])
        # ninja says: source, then the argument's name, which for a body is not on the wire.
        names = where[2:] if where[0] == "body" and len(where) > 2 else where[1:]
        key = next(kind for kind in _FIELDS if code.startswith(kind))
        told.setdefault(".".join(str(name) for name in names), _FIELDS[key][0 if chinese else 1])
    return told
