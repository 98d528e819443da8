"""Lines of business and the tree of teams."""

from __future__ import annotations

from datetime import datetime

from django.db.models import ProtectedError

from foresail.core.changes import Change, record
from foresail.people.errors import LineDiffers, NameTaken, TeamCycle, TeamNotEmpty, UserInactive
from foresail.people.models import BusinessLine, Team, User
from foresail.people.services.permission import administering
from foresail.people.texts import name_of
from foresail.people.tree import keys_below


def add_line(*, name: str, by: User | None, at: datetime) -> BusinessLine:
    """Add a line of business. Raises NotAllowed, NameInvalid or NameTaken."""
    with administering(by=by):
        name = name_of(name)
        if BusinessLine.objects.filter(name__iexact=name).exists():
            raise NameTaken(name=name)
        line = BusinessLine.objects.create(name=name)
        record(
            Change(
                actor=by.pk if by else None,
                verb="add_line",
                subject="people.BusinessLine",
                key=str(line.pk),
                at=at,
                values={"name": name},
            )
        )
        return line


def rename_line(*, line: BusinessLine, name: str, by: User | None, at: datetime) -> None:
    """Give `line` another name. Raises NotAllowed, NameInvalid or NameTaken."""
    with administering(by=by):
        name = name_of(name)
        line.refresh_from_db()
        if name == line.name:
            return
        if BusinessLine.objects.filter(name__iexact=name).exclude(pk=line.pk).exists():
            raise NameTaken(name=name)
        before, line.name = line.name, name
        line.save(update_fields=["name"])
        record(
            Change(
                actor=by.pk if by else None,
                verb="rename_line",
                subject="people.BusinessLine",
                key=str(line.pk),
                at=at,
                values={"name": name, "before": before},
            )
        )


def add_team(
    *, name: str, line: BusinessLine, parent: Team | None = None, by: User | None, at: datetime
) -> Team:
    """Add a team, without a manager yet. Raises NotAllowed, NameInvalid, NameTaken or LineDiffers."""
    with administering(by=by):
        name = name_of(name)
        if Team.objects.filter(line=line, name__iexact=name).exists():
            raise NameTaken(name=name)
        _require_line(parent, line.pk)
        team = Team.objects.create(name=name, line=line, parent=parent)
        _record("add_team", team, {"name": name, "line": line.pk, "parent": parent and parent.pk}, by, at)
        return team


def rename_team(*, team: Team, name: str, by: User | None, at: datetime) -> None:
    """Give `team` another name. Raises NotAllowed, NameInvalid or NameTaken."""
    with administering(by=by):
        name = name_of(name)
        team.refresh_from_db()
        if name == team.name:
            return
        if Team.objects.filter(line=team.line_id, name__iexact=name).exclude(pk=team.pk).exists():
            raise NameTaken(name=name)
        before, team.name = team.name, name
        team.save(update_fields=["name"])
        _record("rename_team", team, {"name": name, "before": before}, by, at)


def remove_team(*, team: Team, by: User | None, at: datetime) -> None:
    """Remove `team`, which nobody and nothing belongs to. Raises NotAllowed or TeamNotEmpty.

    Django asks every table that points to a team, those of higher rooms too: what ever belonged to it keeps it.
    """
    with administering(by=by):
        team.refresh_from_db()
        key, name = team.pk, team.name
        try:
            team.delete()
        except ProtectedError as error:
            raise TeamNotEmpty(team=name) from error
        team.pk = key
        _record("remove_team", team, {"name": name}, by, at)


def move_team(*, team: Team, parent: Team | None, by: User | None, at: datetime) -> None:
    """Put `team`, with all below it, under `parent` (None: on top). Raises NotAllowed, LineDiffers or TeamCycle."""
    with administering(by=by):
        team.refresh_from_db()
        if parent is not None:
            _require_line(parent, team.line_id)
            if parent.pk in keys_below(team=team.pk):
                raise TeamCycle(team=team.name)
        if team.parent_id == (parent and parent.pk):
            return
        before, team.parent = team.parent_id, parent
        team.save(update_fields=["parent"])
        _record("move_team", team, {"parent": parent and parent.pk, "before": before}, by, at)


def appoint_manager(*, team: Team, manager: User | None, by: User | None, at: datetime) -> None:
    """Make `manager` the manager of `team`; None leaves it vacant. Raises NotAllowed or UserInactive."""
    with administering(by=by):
        team.refresh_from_db()
        if manager is not None:
            manager.refresh_from_db()
            if not manager.active:
                raise UserInactive(name=manager.name)
        if team.manager_id == (manager and manager.pk):
            return
        before, team.manager = team.manager_id, manager
        team.save(update_fields=["manager"])
        _record("appoint_manager", team, {"manager": manager and manager.pk, "before": before}, by, at)


def _require_line(parent: Team | None, line: int) -> None:
    if parent is not None and not Team.objects.filter(pk=parent.pk, line=line).exists():
        raise LineDiffers(parent=parent.name)


def _record(verb: str, team: Team, values: dict[str, object], by: User | None, at: datetime) -> None:
    record(
        Change(
            actor=by.pk if by else None,
            verb=verb,
            subject="people.Team",
            key=str(team.pk),
            at=at,
            values=values,
        )
    )
