"""Notifications over HTTP: each about oneself alone."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem
from foresail.notices import queries, services
from foresail.notices.schemas import (
    MuteIn,
    NotificationOut,
    NotificationsOut,
    PreferencesIn,
    PreferencesOut,
    UnreadOut,
)
from foresail.people.http import caller

router = Router(tags=["notices"])


@router.get("/notifications", response={200: NotificationsOut, 400: Problem, 422: Problem})
def notifications(
    request: HttpRequest, after: str | None = None, limit: int = 30, summary: int | None = None
) -> NotificationsOut:
    """Newest first. With `summary`, what that one stands for."""
    told, following = queries.notifications(user=caller(request), after=after, limit=limit, summary=summary)
    return NotificationsOut(items=[NotificationOut.of(each) for each in told], next=following)


@router.get("/notifications/unread", response=UnreadOut)
def unread(request: HttpRequest) -> UnreadOut:
    user = caller(request)
    return UnreadOut(count=queries.unread(user=user), quiet_until=queries.quiet(user=user, at=clock.now()))


@router.post("/notifications/read", response={204: None})
def read_all(request: HttpRequest) -> Status[None]:
    services.read_all(by=caller(request), at=clock.now())
    return Status(204, None)


@router.get("/notifications/preferences", response=PreferencesOut)
def preferences(request: HttpRequest) -> PreferencesOut:
    user = caller(request)
    return PreferencesOut.of(queries.preference(user=user), queries.muted(user=user))


@router.put("/notifications/preferences", response={200: PreferencesOut, 422: Problem})
def set_preferences(request: HttpRequest, body: PreferencesIn) -> PreferencesOut:
    services.set_preference(
        kinds={str(kind): wanted for kind, wanted in body.kinds.items()},
        quiet_from=body.quiet_from,
        quiet_to=body.quiet_to,
        quiet_days=body.quiet_days,
        zone=body.zone,
        by=caller(request),
        at=clock.now(),
    )
    return preferences(request)


@router.put("/notifications/mutes", response={204: None, 404: Problem, 409: Problem, 422: Problem})
def set_muted(request: HttpRequest, body: MuteIn) -> Status[None]:
    """Hear nothing more of a record, or again."""
    services.set_muted(
        record_type=body.record_type, key=body.record, muted=body.muted, by=caller(request), at=clock.now()
    )
    return Status(204, None)


@router.post("/notifications/{notification}/read", response={204: None, 404: Problem})
def read(request: HttpRequest, notification: int) -> Status[None]:
    found = queries.notification(user=caller(request), key=notification)
    services.read(notification=found, at=clock.now())
    return Status(204, None)
