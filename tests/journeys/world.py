"""A company in which every record carries the mark of whose it is, and somebody of every role."""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client

from foresail.advice import services as advice
from foresail.advice.models import Suggestion
from foresail.conversations import services as conversations
from foresail.core.home import Home
from foresail.crm import services as crm
from foresail.crm.fields import DEAL, LEAD
from foresail.crm.models import CurrencyRate, Deal, Departure, DuplicatePair, FieldChange, Import
from foresail.drafts import queries as drafts_queries
from foresail.drafts import services as drafts
from foresail.drafts.models import Decision
from foresail.forecast.models import ForecastModel, Pool
from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS, Purpose
from foresail.governance.models import Leaving
from foresail.notices.models import Notification
from foresail.notices.services import About, notify
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Action, Role
from foresail.people.rules import may
from foresail.signals import services as signals
from foresail.signals.models import FileBrought

AT: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)
MARK: Final = re.compile(r"记号[A-Z]+")
OUR_ROOMS: Final = {
    "people",
    "governance",
    "crm",
    "timeline",
    "conversations",
    "forecast",
    "drafts",
    "advice",
    "signals",
    "incentives",
    "notices",
}
PASSING: Final = {"people_session", "people_signinattempt", "people_pendingsignin"}

RECORDS: dict[str, str] = {
    "deal": "deals", "account": "accounts", "contact": "contacts", "task": "tasks", "entry": "entries",
    "session": "sessions", "model": "models", "job": "jobs", "lead": "leads", "product": "products",
    "change": "changes", "batch": "batches", "key": "keys", "view": "views",
    "person": "people", "team": "places", "line": "lines",
    "note": "notes", "attachment": "attachments",
    "pair": "pairs", "merge": "merges", "departure": "departures",
    "import": "imports", "leaving": "leavings", "notification": "notifications",
    "own_field": "own_fields", "rate": "rates", "share": "shares",
    "mark": "proposed", "decision": "decisions", "report": "reports",
    "boundary": "boundaries", "intake_key": "intake_keys", "signal_file": "signal_files", "asset": "assets",
    "topic": "topics", "wording": "wordings",
    "trigger": "triggers", "suggestion": "suggestions",
}  # fmt: skip
"""What a parameter of a path, a query or a body names; `World` has a list of (key, mark) of each."""
IN_PATHS: Final = {"pipeline": "shaped", "stage": "stages", "kind": "weighed"}
"""The same for what only addresses are tried with: a body names what fits its deal, or says what it is itself."""


@dataclass
class World:
    """`deals`, `accounts` and so on hold the key and the mark of each record; what is nobody's has no mark."""

    users: dict[Role | None, User] = field(default_factory=dict)
    all_marks: list[str] = field(default_factory=list)
    deals: list[tuple[int, str | None]] = field(default_factory=list)
    accounts: list[tuple[int, str | None]] = field(default_factory=list)
    contacts: list[tuple[int, str | None]] = field(default_factory=list)
    tasks: list[tuple[int, str | None]] = field(default_factory=list)
    entries: list[tuple[int, str | None]] = field(default_factory=list)
    sessions: list[tuple[int, str | None]] = field(default_factory=list)
    keys: list[tuple[int, str | None]] = field(default_factory=list)
    models: list[tuple[int, str | None]] = field(default_factory=list)
    jobs: list[tuple[int, str | None]] = field(default_factory=list)
    leads: list[tuple[int, str | None]] = field(default_factory=list)
    products: list[tuple[int, str | None]] = field(default_factory=list)
    changes: list[tuple[int, str | None]] = field(default_factory=list)
    batches: list[tuple[str, str | None]] = field(default_factory=list)
    people: list[tuple[int, str | None]] = field(default_factory=list)
    places: list[tuple[int, str | None]] = field(default_factory=list)
    lines: list[tuple[int, str | None]] = field(default_factory=list)
    known: dict[tuple[int, Action], set[str]] = field(default_factory=dict)
    views: list[tuple[int, str | None]] = field(default_factory=list)
    notes: list[tuple[int, str | None]] = field(default_factory=list)
    attachments: list[tuple[int, str | None]] = field(default_factory=list)
    pairs: list[tuple[int, str | None]] = field(default_factory=list)
    merges: list[tuple[int, str | None]] = field(default_factory=list)
    departures: list[tuple[int, str | None]] = field(default_factory=list)
    doubles: dict[str, list[int]] = field(default_factory=dict)
    imports: list[tuple[int, str | None]] = field(default_factory=list)
    leavings: list[tuple[int, str | None]] = field(default_factory=list)
    notifications: list[tuple[int, str | None]] = field(default_factory=list)
    own_fields: list[tuple[int, str | None]] = field(default_factory=list)
    rates: list[tuple[int, str | None]] = field(default_factory=list)
    shaped: list[tuple[int, str | None]] = field(default_factory=list)
    stages: list[tuple[int, str | None]] = field(default_factory=list)
    shares: list[tuple[int, str | None]] = field(default_factory=list)
    proposed: list[tuple[str, str | None]] = field(default_factory=list)
    decisions: list[tuple[int, str | None]] = field(default_factory=list)
    reports: list[tuple[int, str | None]] = field(default_factory=list)
    boundaries: list[tuple[int, str | None]] = field(default_factory=list)
    intake_keys: list[tuple[int, str | None]] = field(default_factory=list)
    signal_files: list[tuple[int, str | None]] = field(default_factory=list)
    assets: list[tuple[int, str | None]] = field(default_factory=list)
    topics: list[tuple[int, str | None]] = field(default_factory=list)
    wordings: list[tuple[int, str | None]] = field(default_factory=list)
    weighed: list[tuple[str, str | None]] = field(default_factory=list)
    sessions_of: dict[int, str] = field(default_factory=dict)
    keys_of: dict[tuple[Any, ...], str] = field(default_factory=dict)
    triggers: list[tuple[int, str | None]] = field(default_factory=list)
    suggestions: list[tuple[int, str | None]] = field(default_factory=list)
    owner_elsewhere: int = 0
    pipelines: dict[str, int] = field(default_factory=dict)
    teams: list[int] = field(default_factory=list)

    def records(self, kind: str) -> list[tuple[Any, str | None]]:
        found: list[tuple[Any, str | None]] = getattr(self, kind)
        return found

    @cached_property
    def last_number(self) -> str:
        return self.deal(self.deals[-1][0]).number

    def deal(self, key: int) -> Deal:
        found: Deal = Deal.with_deleted.get(pk=key)  # somebody may have put it into the bin
        return found

    def marks(self, user: User, action: Action) -> set[str]:
        """Return the marks of what the one rule lets `user` do `action` to; asked of the world as it was built."""
        if (user.pk, action) not in self.known:
            self.known[user.pk, action] = {
                mark
                for key, mark in self.deals
                if mark and may(user=user, action=action, record=self.deal(key)).allowed
            }
        return self.known[user.pk, action]

    def client(self, user: User) -> Client:
        """Return somebody who is signed in, without the check of forms: the rights alone are asked here."""
        if user.pk not in self.sessions_of:
            _, token = people.create_session(
                user=user, address="127.0.0.1", agent="test", at=datetime.now(UTC)
            )
            self.sessions_of[user.pk] = token
        client = Client()
        client.cookies["foresail_session"] = self.sessions_of[user.pk]
        return client

    def program(self, user: User, areas: dict[str, str]) -> Client:
        """Return a program of `user` with a key for `areas`."""
        whose = (user.pk, *areas.items())
        if whose not in self.keys_of:
            _, token = people.create_key(name="test", areas=areas, days=30, by=user, at=datetime.now(UTC))
            people.see_key(
                token=token, address="127.0.0.1", at=datetime.now(UTC)
            )  # that it was used is noted now
            self.keys_of[whose] = token
        return Client(headers={"Authorization": f"Bearer {self.keys_of[whose]}"})

    def value(self, name: str, marks: set[str], otherwise: Any) -> Any:
        """Return what a field of a body may hold, so that it would do something."""
        match name:
            case "version" | "pipeline" | "stage":
                named = next((key for key, mark in self.deals if mark in marks), self.deals[0][0])
                deal = self.deal(named)
                if name == "stage":
                    return deal.pipeline.stages.order_by("-position").values_list("pk", flat=True)[0]
                return deal.version if name == "version" else deal.pipeline_id
            case "line":
                return self.deal(self.deals[0][0]).line_id
            case "owner" | "assignee" | "to":
                return self.users[Role.REP].pk
        return {
            "team": self.teams[0],
            "email": "somebody@example.com",
            "scope": self.teams[-1],
            "kind": "team",
            "period": "2026-12",
            "begins_on": "2026-11-02",
            "amount": "7.00",
            "expected_close_on": "2026-12-24",
            "values": {"name": "另一个", "tags": ["新"]},
            "changes": {"tags": {"value": ["新"]}},
            "ids": [key for key, _ in self.deals],
            "record_type": "deal",
            "rates": [{"currency": "USD", "from_on": "2026-01-01", "rate": "7.1"}],
            "currency": "USD",
            "category": "commit",
            "settings": {"sort": "-amount"},
            "lines": [{"product": self.products[0][0], "quantity": "2", "price": "3", "discount": "0"}],
            "account_values": {"name": "另一家公司"},
            "role": "champion",
            "reason": otherwise or "told",
            "contract_field": "since",
            "user": None,
            "ends_on": None,
            "on": "2026-11-02",
        }.get(name, otherwise)

    def print(self) -> str:
        """Return what tells whether anything changed."""
        tables = [
            table
            for table in sorted(connection.introspection.table_names())
            if table.split("_")[0] in OUR_ROOMS and table not in PASSING
        ]
        rows = "md5(coalesce(string_agg(r::text, '' ORDER BY r::text), ''))"
        parts = [f"SELECT '{table}', {rows} FROM {table} r" for table in tables]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts))
            return str(sorted(cursor.fetchall()))


def build_world(monkeypatch: pytest.MonkeyPatch) -> World:
    # What is done to imports must find no files of the home of whoever runs the tests.
    monkeypatch.setattr(settings, "HOME", Home(Path(tempfile.mkdtemp(prefix="foresail-world-"))))
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    world = World()
    first, second = (people.add_line(name=name, by=None, at=AT) for name in ("甲线", "乙线"))
    east = people.add_team(name="甲东", line=first, by=None, at=AT)
    below = people.add_team(name="甲东一组", line=first, parent=east, by=None, at=AT)
    west = people.add_team(name="甲西", line=first, by=None, at=AT)
    far = people.add_team(name="乙南", line=second, by=None, at=AT)
    world.teams = [east.pk, below.pk, west.pk, far.pk]

    def hire(name: str, role: Role | None, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        if role:
            people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    for role in [*Role, None]:
        world.users[role] = hire(role.value if role else "nobody", role, east)
    people.appoint_manager(team=east, manager=world.users[Role.MANAGER], by=None, at=AT)
    mate, under, west_rep, far_rep = (
        hire(name, Role.REP, team)
        for name, team in (("mate", east), ("under", below), ("west", west), ("far", far))
    )
    world.owner_elsewhere = far_rep.pk
    guest = hire("guest", Role.REP, None)
    trigger = advice.add_trigger(
        values={
            "zh": "久无进展", "en": "stands still", "about": "deal", "action": "call", "action_zh": "致电{account}",
            "action_en": "Call {account}", "condition": {"field": "days_in_stage", "op": "gte", "value": "1"},
            "cooldown_days": 1, "expiry_days": 1, "status": "active",
        },
        by=world.users[Role.SALES_OPERATIONS],
        at=AT,
    )  # fmt: skip
    world.triggers = [(trigger.pk, None)]
    stages = (
        crm.StageSpec("qualified", "已确认", "qualified", 10),
        crm.StageSpec("quote", "报价", "quote", 14),
    )
    pipelines = {
        line.pk: crm.add_pipeline(name=f"{line.name}流程", line=line, stages=stages, by=None, at=AT)
        for line in (first, second)
    }
    for letter, owner, team in (
        ("MINE", world.users[Role.REP], east),
        ("MATE", mate, east),
        ("BELOW", under, below),
        ("WEST", west_rep, west),
        ("FAR", far_rep, far),
        ("POOL", None, None),
    ):
        mark = f"记号{letter}"
        line = team.line if team else first
        account = crm.add_account(
            name=f"{mark}公司", line=line, owner=owner, team=team, industry=mark, region=mark, by=None, at=AT
        )
        contact = crm.add_contact(
            account=account,
            name=f"{mark}某",
            title=mark,
            email=f"{letter.lower()}@example.com",
            by=None,
            at=AT,
        )
        deal = crm.open_deal(
            name=f"{mark}项目", account=account, pipeline=pipelines[line.pk], owner=owner, team=team,
            amount=Decimal(100_000), facts={"product": mark}, by=None, at=AT,
        )  # fmt: skip
        crm.set_deal_contact(deal=deal, contact=contact, role="champion", by=None, at=AT)
        task = crm.add_task(
            deal=deal,
            title=f"{mark}任务",
            assignee=owner or world.users[Role.SALES_OPERATIONS],
            by=None,
            at=AT,
        )
        conversations.record_communication(
            deal=deal, channel="mail", direction="in", title=f"{mark}来信", text=f"{mark}说了什么",
            contact=contact, happened_at=AT, at=AT + timedelta(minutes=1), by=world.users[Role.SALES_OPERATIONS],
        )  # fmt: skip
        lead = crm.add_lead(
            line=line, owner=owner, team=team, name=f"{mark}线索", company=mark, by=None, at=AT
        )
        note = crm.add_note(
            record=deal, text=f"{mark}备注", by=world.users[Role.SALES_OPERATIONS], at=AT
        )  # fmt: skip
        content = f"{mark}附件".encode()
        attachment = crm.attach(
            record=lead, name=f"{mark}.txt", content=io.BytesIO(content), size=len(content), by=None, at=AT
        )
        # Two leads that are one already, and two that look like it.
        twins = [
            crm.add_lead(
                line=line, owner=owner, team=team, name=f"{mark}某", company=mark,
                email=f"{letter.lower()}@example.com", phone="13800138000", by=None, at=AT,
            )
            for _ in range(3)
        ]  # fmt: skip
        merged = crm.merge_records(keep=twins[0], gone=[twins[1]], by=None, at=AT)
        world.merges.append((merged.pk, mark))
        world.doubles[mark] = [twins[0].pk, twins[2].pk]
        edit = crm.Edit(f"{mark}下一步")
        crm.change_record(record=deal, edits={"next_step": edit}, by=None, at=AT)
        change = FieldChange.objects.latest("pk")
        world.changes.append((change.pk, mark))
        world.batches.append((str(change.batch), mark))
        view = crm.add_view(
            kind=DEAL, name=f"{mark}视图", settings={"q": mark},
            by=owner or world.users[Role.SALES_OPERATIONS], at=AT,
        )  # fmt: skip
        conversations.record_communication(
            deal=deal, channel="mail", direction="in", title="Undeliverable", text="550 5.1.1 user unknown",
            contact=contact, happened_at=AT + timedelta(minutes=1), at=AT + timedelta(minutes=2), by=world.users[Role.SALES_OPERATIONS],
        )  # fmt: skip
        world.departures.append((Departure.objects.get(contact=contact).pk, mark))
        decider = owner or world.users[Role.SALES_OPERATIONS]
        (found,) = drafts_queries.of_deal(deal=deal, user=decider, at=AT + timedelta(days=1))
        if len(world.proposed) < 2:  # it names nothing without its deal
            world.proposed.append((found.mark, None))
        decided = Decision.objects.create(
            deal=deal, kind="task", mark="decided", verdict="refused", by=decider, at=AT
        )
        world.decisions.append((decided.pk, mark))
        week = date(2026, 11, 2) if owner is not None else date(2026, 10, 26)
        report, _, _ = drafts.draft_report(span="week", begins_on=week, by=decider, at=AT + timedelta(days=1))
        drafts.save_report(report=report, text=f"{mark}报告", version=report.version, by=decider, at=AT)
        world.reports.append((report.pk, mark))
        if owner is not None:
            of = Import.objects.create(
                kind="account", file_name=f"{mark}.csv", columns=[mark], rows=1, by=owner, created_at=AT,
                settings={
                    "columns": {"0": "name"}, "keys": [], "policy": "both", "twins": "reject", "create_accounts": False,
                    "orders": {}, "values": {}, "owner": owner.pk, "line": line.pk, "pipeline": None,
                },
            )  # fmt: skip
            world.imports.append((of.pk, mark))
        suggestion = Suggestion.objects.create(
            trigger=trigger, trigger_version=1, deal=deal, account=account, facts={"days_in_stage": 3},
            evidence={"entries": {}, "topics": {}}, made_at=AT, expires_at=AT + timedelta(days=3_650),
        )  # fmt: skip
        world.suggestions.append((suggestion.pk, mark))
        share = crm.share_record(record=deal, user=guest, reason=f"{mark}原因", by=None, at=AT)
        world.shares.append((share.pk, mark))
        world.all_marks.append(mark)
        for kind, key in (
            ("deals", deal.pk),
            ("accounts", account.pk),
            ("contacts", contact.pk),
            ("tasks", task.pk),
            ("leads", lead.pk),
            ("views", view.pk),
            ("notes", note.pk),
            ("attachments", attachment.pk),
        ):
            world.records(kind).append((key, mark))
    crm.find_duplicates(kind=LEAD, at=AT)
    mark_of = {keys[0]: mark for mark, keys in world.doubles.items()}
    world.pairs = [(pair.pk, mark_of[pair.low]) for pair in DuplicatePair.objects.order_by("pk")]
    assert len(world.pairs) == len(world.all_marks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, deal_id FROM timeline_entry WHERE kind = 'mail_in' ORDER BY id")
        marks = dict(world.deals)
        world.entries = [(entry, marks[deal]) for entry, deal in cursor.fetchall()]
    shared = crm.add_view(
        kind=DEAL, name="全员视图", settings={"sort": "-amount"}, shared="all",
        by=world.users[Role.SALES_OPERATIONS], at=AT,
    )  # fmt: skip
    world.views.append((shared.pk, None))
    product = crm.add_product(name="伺服驱动器", code="S-1", by=None, at=AT)
    world.products = [(product.pk, None)]
    own = crm.add_custom_field(
        kind=DEAL, key="grade", type="text", name_zh="等级", name_en="Grade", by=None, at=AT
    )
    crm.set_rates(rates=[crm.Rate(currency="EUR", from_on=AT.date(), rate=Decimal(8))], by=None, at=AT)
    shaped = pipelines[second.pk]
    world.own_fields, world.shaped = [(own.pk, None)], [(shaped.pk, None)]
    world.rates = [(CurrencyRate.objects.get().pk, None)]
    operations = world.users[Role.SALES_OPERATIONS]
    proposed = governance.propose_boundary(rules=PRESETS[0].rules(), reason="试点", by=operations, at=AT)
    site, _ = signals.create_intake_key(kind="server", name="官网", sources=["web"], by=operations, at=AT)
    scans = FileBrought.objects.create(
        source="fair_scan", name="扫码.csv", digest="0" * 64, columns=["邮箱"], rows=1, by=operations, created_at=AT,
        settings={"columns": {}, "day": None, "wording": None},
    )  # fmt: skip
    wording = governance.add_wording(
        purpose=Purpose.INTENT, zh="可以吗？", en="May we?", by=operations, at=AT
    )
    world.wordings = [(wording.pk, None)]
    world.signal_files = [(scans.pk, None)]
    world.boundaries, world.intake_keys = [(proposed.pk, None)], [(site.pk, None)]
    values = {"title": "选型手册", "language": "zh", "url": "https://www.example.com/guide.pdf"}
    asset = advice.create_asset(values={**values, "stages": ["qualified"]}, by=operations, at=AT)
    world.assets = [(asset.pk, None)]
    price = {"field": "url", "op": "contains", "value": "/price"}
    topic = signals.add_topic(
        kind="price", zh="价格", en="Prices", rule=price, status="active", by=operations, at=AT
    )
    world.topics, world.weighed = [(topic.pk, None)], [("page", None)]
    world.stages = [(stage.pk, None) for stage in shaped.stages.all()[:1]]
    session, _ = people.create_session(user=far_rep, address="127.0.0.1", agent="test", at=AT)
    world.sessions = [(session.pk, None)]
    made, _ = people.create_key(name="far", areas={"crm": "write"}, days=30, by=far_rep, at=datetime.now(UTC))
    world.keys = [(made.pk, None)]
    pool = Pool.objects.create(name="甲")
    model = ForecastModel.objects.create(
        pool=pool,
        version=1,
        fitted_as_of=AT,
        created_at=AT,
        status="candidate",
        figures={},
        card={},
        folder="none",
    )
    world.models, world.jobs = [(model.pk, None)], [(1, None)]
    leaving = Leaving.objects.create(asked_at=AT, asked_by=1, ended_at=AT, rows=1, sha256="0" * 64)
    world.leavings = [(leaving.pk, None)]
    world.people, world.places, world.lines = [(far_rep.pk, None)], [(east.pk, None)], [(first.pk, None)]
    # Everybody was told of everything once, whether or not they may see it now.
    everybody = list(User.objects.order_by("pk").values_list("pk", flat=True))
    told = (("deal", world.deals), ("lead", world.leads), ("import", world.imports))
    for hours, (kind, records) in enumerate(told):
        for number, (key, _) in enumerate(records):
            part = world.tasks[number][0] if kind == "deal" else None
            about = About(
                kind="task", record_type=kind, part=part, at=AT + timedelta(hours=7 * hours + number)
            )
            notify(about, to={person: [key] for person in everybody})
    world.notifications = [
        (Notification.objects.filter(person=each).latest("pk").pk, None)
        for each in (far_rep.pk, world.users[Role.REP].pk)
    ]
    return world
