"""Reports are drafted, saved by their author, and handed in to whoever manages them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.drafts.counting import kept_and_typed
from foresail.drafts.errors import NobodyAbove, ReportChanged, ReportTextInvalid, ReportUnsaved
from foresail.drafts.events import ReportHandedIn
from foresail.drafts.lines import fresh
from foresail.drafts.models import Report
from foresail.drafts.periods import Period
from foresail.drafts.queries.drafting import Draft, draft
from foresail.people.queries import manager_above

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_TEXT: Final = 100_000
MOST_DRAFTED: Final = 2_000


def draft_report(
    *, span: str, begins_on: date, team: bool = False, by: User, at: datetime
) -> tuple[Report, Draft, list[str]]:
    """Draft the report of `by` for a week or month, as of `at`; return it, the draft, and the lines of it that are new.

    New is what neither an earlier draft nor the saved text says. The text itself is never touched.
    Raises PeriodInvalid or NoTeam.
    """
    period = Period.of(span, begins_on, at=at)
    drafted = draft(user=by, period=period, team=team, at=at)
    with transaction.atomic():
        Report.objects.bulk_create(
            [Report(author=by, span=span, begins_on=begins_on, team=team, created_at=at)],
            ignore_conflicts=True,
        )
        report = Report.objects.select_for_update().get(author=by, span=span, begins_on=begins_on, team=team)
        said = [*report.drafted, *report.text.splitlines()] if report.saved_at is not None else []
        new = fresh(drafted.lines, known=said)
        report.drafted = list(dict.fromkeys([*report.drafted, *drafted.lines]))[-MOST_DRAFTED:]
        report.save(update_fields=["drafted"])
        _keep("draft_report", report, {"lines": len(drafted.lines)}, by=by, at=at)
    return report, drafted, new


def save_report(*, report: Report, text: str, version: int, by: User, at: datetime) -> Report:
    """Keep what the author made of a report. Raises ReportTextInvalid or ReportChanged.

    Who asks has been found to be its author.
    """
    text = text.replace("\0", " ").strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise ReportTextInvalid(longest=f"{LONGEST_TEXT:,}")
    with transaction.atomic():
        held = _held(report)
        if held.version != version:
            raise ReportChanged
        held.text, held.saved_at = text + "\n", at
        held.version += 1
        held.kept, held.typed = kept_and_typed(held.drafted, text)
        held.save(update_fields=["text", "saved_at", "version", "kept", "typed"])
        tell("reports", by.pk)
        _keep("save_report", held, {"characters": len(text), "kept": held.kept}, by=by, at=at)
        return held


def hand_in(*, report: Report, version: int, by: User, at: datetime) -> Report:
    """Hand a saved report in to who manages its author: they are told, and read it as it is now.

    Raises ReportUnsaved, ReportChanged or NobodyAbove.
    """
    with transaction.atomic():
        held = _held(report)
        if held.saved_at is None:
            raise ReportUnsaved
        if held.version != version:
            raise ReportChanged
        manager = manager_above(user=by)
        if manager is None:
            raise NobodyAbove
        held.handed_to, held.handed_at, held.handed_text = manager, at, held.text
        held.version += 1
        held.save(update_fields=["handed_to", "handed_at", "handed_text", "version"])
        tell("reports", by.pk, manager.pk)
        emit(ReportHandedIn(report=held.pk, author=by.pk, to=manager.pk, at=at))
        _keep("hand_in_report", held, {"to": manager.pk}, by=by, at=at)
        return held


def _held(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _keep(verb: str, report: Report, values: dict[str, Any], *, by: User, at: datetime) -> None:
    """Record a change of a report; what it says is not for the trail, which cannot forget."""
    of = {"span": report.span, "begins_on": report.begins_on.isoformat(), "team": report.team}
    record(
        Change(actor=by.pk, verb=verb, subject="drafts.Report", key=str(report.pk), at=at, values=of | values)
    )
