"""`fill`: 启明自动化 with eighteen months of history, made only through the services of the rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.advice.queries import STEPS
from foresail.advice.services import judge_all
from foresail.core.clock import ZONE
from foresail.crm import queries as crm_queries
from foresail.crm import services as crm
from foresail.demo.customers import Customer, DealFacts, Person, christen, group, leave
from foresail.demo.errors import NotEmpty
from foresail.demo.history import Event, History, make_history
from foresail.demo.organisation import Organisation, found
from foresail.demo.services.collecting import fill_collecting
from foresail.demo.services.content import fill_content
from foresail.demo.services.doubling import fill_doubles
from foresail.demo.services.pooling import fill_pool
from foresail.demo.services.selling import Sale, fill_products
from foresail.demo.services.targeting import Won, set_demo_targets
from foresail.demo.services.telling import BATCH, Teller
from foresail.demo.services.visiting import DAYS, Case, Prospect, Visiting
from foresail.demo.writer import Story
from foresail.drafts.services import learn_habits
from foresail.forecast.services import add_pool

if TYPE_CHECKING:
    from foresail.crm.models import Pipeline
    from foresail.forecast.models import Pool

Progress = Callable[[str, float], None]
"""Called with the step at hand, and the share of it that is done."""

COMPANY: Final = "启明自动化"
STAGES: Final = (
    crm.StageSpec("qualified", "已确认", "Qualified", 13),
    crm.StageSpec("solution", "方案", "Solution", 14),
    crm.StageSpec("evaluation", "技术评估", "Evaluation", 21),
    crm.StageSpec("quote", "报价", "Quote", 14),
    crm.StageSpec("negotiation", "谈判", "Negotiation", 16),
)
_LEFT: Final = {"qualified": 75, "solution": 60, "evaluation": 45, "quote": 28, "negotiation": 15}
"""How many days a rep expects a deal still to take, by stage."""
_NEXT: Final = ("项目", "二期", "三期", "四期", "五期", "六期", "七期", "八期")
_WITH_TASK: Final = 0.6
"""Share of open deals for which something is to be done."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was made. `pipelines` are keys; `pool` is where they learn together; `planted` are the deals of each case."""

    pool: Pool
    pipelines: tuple[int, ...]
    people: int
    accounts: int
    deals: int
    open_deals: int
    entries: int
    communications: int
    planted: Mapping[Case, Sequence[int]]


def fill(*, deals: int = 2400, seed: int = 1, at: datetime, progress: Progress | None = None) -> Filled:
    """Fill an empty Foresail with a company whose last 18 months end at `at`; all of it or, if interrupted, nothing.

    `deals` counts those that open until the end of the current month; the last of them are still to come.
    Raises NotEmpty, and what people refuses where lines or addresses are taken.
    """
    tell = progress or (lambda _step, _share: None)
    _require_empty()
    tell("simulate", 0.0)
    history = make_history(deals=deals, seed=seed, at=at)
    with transaction.atomic():
        _require_empty()
        return Filling(history, seed=seed, at=at, tell=tell).run()


def _require_empty() -> None:
    keys = crm_queries.deal_keys([pipeline.pk for pipeline in crm_queries.pipelines()])
    if keys:
        raise NotEmpty(deals=f"{len(keys):,}")


class Filling:
    """One fill under way."""

    def __init__(self, history: History, *, seed: int, at: datetime, tell: Progress) -> None:
        self.history, self.seed, self.at, self.tell = history, seed, at, tell
        self.random = Random(f"{seed} customers")
        self.rows: list[dict[str, Any]] = list(history.rows())
        self.organisation = Organisation()
        self.pipelines: dict[str, Pipeline] = {}
        self.customers: list[Customer] = []
        self.customer_of: dict[int, Customer] = {}
        self.left: dict[tuple[int, datetime], Person] = {}
        self.accounts: dict[int, int] = {}
        self.contacts: dict[int, int] = {}
        self.made: list[crm.NewDeal] = []
        self.keys: list[int] = []
        self.stage: list[str] = []

    def run(self) -> Filled:
        self._hire()
        self._set_up_pipelines()
        self.find_customers()
        self._keep_customers()
        self._keep_deals()
        self._keep_products()
        teller = self._tell_history()
        pooled = fill_pool(
            organisation=self.organisation, reps=self.history.reps, customers=self.customers, seed=self.seed, at=self.at
        )  # fmt: skip
        doubled = fill_doubles(
            self.customers, accounts=self.accounts, organisation=self.organisation, at=self.at
        )
        set_demo_targets(self._won_lately(), at=self.at)
        learn_habits(at=self.at)
        visiting = self._let_visit()
        sent = fill_content(
            organisation=self.organisation,
            deals=self.keys,
            apart=[deal for deals in visiting.planted.values() for deal in deals],
            seed=self.seed,
            at=self.at,
        )
        judge_all(at=self.at)
        pipelines = tuple(each.pk for each in self.pipelines.values())
        return Filled(
            pool=add_pool(name=COMPANY, pipelines=pipelines),
            pipelines=pipelines,
            people=len(self.organisation.users),
            accounts=len(self.customers) + pooled + doubled,
            deals=len(self.keys),
            open_deals=sum(row["result"] is None for row in self.rows),
            entries=teller.entries + sent,
            communications=teller.communications,
            planted=visiting.planted,
        )

    def _hire(self) -> None:
        reps, engineers = self.history.reps, self.history.engineers
        random = Random(f"{self.seed} people")
        for grown in found(reps=reps, engineers=engineers, random=random, at=self.at):
            self.organisation = grown
            self.tell("people", min(1.0, len(grown.users) / (len(reps) + len(engineers) + 16)))

    def _set_up_pipelines(self) -> None:
        for name, line in self.organisation.lines.items():
            self.pipelines[name] = crm.add_pipeline(name=name, line=line, stages=STAGES, by=None, at=self.at)

    def find_customers(self) -> None:
        """Group the deals by account, and let those leave of whom the log says that they left."""
        facts = [
            DealFacts(
                row["opened"],
                row["owner"],
                row["team"],
                row["line"],
                row["region"],
                row["industry"],
                row["customer"] == "老客户",
                row["closed"] if row["result"] == "won" else None,
            )
            for row in self.rows
        ]
        self.customers = group(facts, random=self.random)
        christen(self.customers, random=self.random)
        self.customer_of = {place: one for one in self.customers for place in one.deals}
        for place, happened_at in self.history.departures():
            one = self.customer_of[place]
            there = [person for person in one.people if person.there(happened_at)]
            champions = [person for person in there if person.role == "champion" and person.left_at is None]
            staying = [person for person in there if person.left_at is None]
            if staying:
                person = (champions or staying)[0]
                leave(one, person=person, at=happened_at, random=self.random)
                self.left[place, happened_at] = person

    def _keep_customers(self) -> None:
        made = self.organisation
        keys = crm.add_accounts(
            [
                crm.NewAccount(
                    name=one.name,
                    line=made.lines[one.line].pk,
                    owner=made.users[one.owner].pk,
                    team=made.teams[one.team].pk,
                    industry=one.industry,
                    region=one.region,
                    domain=one.domain,
                    since=one.since,
                )
                for one in self.customers
            ],
            by=None,
            at=self.at,
        )
        self.accounts = {id(one): key for one, key in zip(self.customers, keys, strict=True)}
        people = [
            (key, person) for one, key in zip(self.customers, keys, strict=True) for person in one.people
        ]
        contacts = crm.add_contacts(
            [
                crm.NewContact(
                    account=account,
                    name=person.name,
                    title=person.title,
                    email=person.email,
                    phone=person.phone,
                    left_at=person.left_at,
                )
                for account, person in people
            ],
            by=None,
            at=self.at,
        )
        self.contacts = {id(person): key for (_, person), key in zip(people, contacts, strict=True)}

    def _keep_deals(self) -> None:
        stages = {
            (name, stage.key): stage.pk
            for name, pipeline in self.pipelines.items()
            for stage in pipeline.stages.all()
        }
        self.stage = self.history.last_stages()
        counts: dict[tuple[int, str], int] = {}
        rows = iter(range(len(self.rows)))
        while places := list(islice(rows, BATCH)):
            self.tell("deals", places[0] / len(self.rows))
            made = [self._deal(place, stages, counts) for place in places]
            self.keys += crm.add_deals(made, by=None, at=self.at)
            self.made += made
            roles = [role for place in places for role in self._roles(place)]
            crm.add_deal_contacts(roles, by=None, at=self.at)

    def _keep_products(self) -> None:
        sales = [
            Sale(deal=key, product=row["product"], line=row["line"], quantity=self.story(place).quantity, amount=deal.amount)
            for place, (key, row, deal) in enumerate(zip(self.keys, self.rows, self.made, strict=True))
            if deal.amount
        ]  # fmt: skip
        fill_products(sales, lines=self.organisation.lines, at=self.at)

    def _deal(
        self, place: int, stages: dict[tuple[str, str], int], counts: dict[tuple[int, str], int]
    ) -> crm.NewDeal:
        row, made, one = self.rows[place], self.organisation, self.customer_of[place]
        stage = self.stage[place]
        again = counts[id(one), row["product"]] = counts.get((id(one), row["product"]), 0) + 1
        story = self.story(place)
        product = story.slots["p"][0].upper() + story.slots["p"][1:] if one.english else row["product"]
        phase = (f"phase {again}" if again > 1 else "project") if one.english else _NEXT[min(again, 8) - 1]
        reason = ""
        if row["result"] is not None:
            story.stage = stage
            trouble = next((each for each in story.troubles if each.active(row["closed"])), None)
            head = f"lost {trouble.cause}" if trouble and row["result"] == "lost" else row["result"]
            reason = story.note(head=head, at=row["closed"])
        return crm.NewDeal(
            number=row["deal"],
            name=f"{one.short} {product} {phase}",
            account=self.accounts[id(one)],
            pipeline=self.pipelines[row["line"]].pk,
            stage=stages[row["line"], stage],
            owner=made.users[row["owner"]].pk,
            team=made.teams[row["team"]].pk,
            amount=_amount(row),
            expected_close_on=self._expected(row, stage, story.random).date(),
            status=row["result"] or "open",
            opened_at=row["opened"],
            closed_at=row["closed"],
            close_reason=reason,
            facts=facts_of(row),
        )

    def _expected(self, row: dict[str, Any], stage: str, random: Random) -> datetime:
        """Return when the rep expects the deal to close; a few dates lie behind already."""
        if row["closed"] is not None:
            return row["closed"] + timedelta(days=random.choice((-3, 0, 0, 2, 5)))  # type: ignore[no-any-return]
        if random.random() < 0.08:
            return self.at.astimezone(ZONE) - timedelta(days=random.randint(1, 15))
        return self.at.astimezone(ZONE) + timedelta(days=round(_LEFT[stage] * random.uniform(0.5, 1.6)) + 3)

    def _roles(self, place: int) -> list[crm.NewDealContact]:
        """Return what the account's people are to a deal: those of its time, two roles at least alike to none."""
        row, one = self.rows[place], self.customer_of[place]
        until = row["closed"] or self.at
        there = [
            person
            for person in one.people
            if (person.since is None or person.since <= until)
            and (person.left_at is None or person.left_at > row["opened"])
        ]
        return [
            crm.NewDealContact(deal=self.keys[place], contact=self.contacts[id(person)], role=person.role)
            for person in there[:5]
        ]

    def story(self, place: int) -> Story:
        """Return the story of a deal at its beginning; every time the same."""
        row, one, engineers = self.rows[place], self.customer_of[place], self.history.engineers
        helpers = [name for name, line in engineers.items() if line == row["line"]] or [row["owner"]]
        return Story(
            random=Random(f"{self.seed} {row['deal']}"),
            customer=one,
            product=row["product"],
            rep=row["owner"],
            engineer=self.history.engineer_of.get(place) or helpers[place % len(helpers)],
            line=row["line"],
            troubles=self.history.troubles.get(place, []),
            known_before=row["customer"] == "老客户" or one.deals[0] != place,
        )

    def _tell_history(self) -> Teller:
        """Put all that happened onto the timeline, deal after deal, and what is to be done into the task lists."""
        users = {name: user.pk for name, user in self.organisation.users.items()}
        teller = Teller(users=users, contacts=self.contacts, at=self.at)
        tasks: list[crm.NewTask] = []
        for place, events in self.history.of_deals():
            row, story = self.rows[place], self.story(place)
            teller.deal(key=self.keys[place], deal=self.made[place], owner=users[row["owner"]])
            for event in events:
                teller.event(story, event, left=self.left.get((place, event[1])))
            if row["result"] is None and story.random.random() < _WITH_TASK:
                tasks.append(self._task(place, story, users[row["owner"]]))
            if place % 200 == 0:
                self.tell("history", place / len(self.rows))
        teller.flush()
        crm.add_tasks(tasks, by=None, at=self.at)
        return teller

    def _let_visit(self) -> Visiting:
        """Let the company decide what it may collect, and its customers visit the website."""
        site = fill_collecting(organisation=self.organisation, at=self.at)
        stood = {place: _stood(events, at=self.at) for place, events in self.history.of_deals()}
        prospects = [
            Prospect(
                deal=self.keys[place],
                customer=self.customer_of[place],
                line=row["line"],
                stood=stood.get(place) if self.stage[place] == "evaluation" else None,
            )
            for place, row in enumerate(self.rows)
            if row["result"] is None
        ]
        busy = {id(each.customer) for each in prospects}
        since = self.at - timedelta(days=DAYS)
        recent = {
            id(self.customer_of[place]): (self.customer_of[place], row["line"])
            for place, row in enumerate(self.rows)
            if row["closed"] and row["closed"] > since and id(self.customer_of[place]) not in busy
        }
        visiting = Visiting(site=site, random=Random(f"{self.seed} website"), at=self.at)
        others = [one for one in self.customers if id(one) not in busy | recent.keys()]
        visiting.run(prospects, list(recent.values()), others)
        return visiting

    def _won_lately(self) -> Iterator[Won]:
        since = self.at - timedelta(days=365)
        for row, deal in zip(self.rows, self.made, strict=True):
            if row["result"] == "won" and row["closed"] > since and deal.amount and deal.owner and deal.team:
                yield deal.owner, deal.team, self.pipelines[row["line"]].line_id, deal.amount

    def _task(self, place: int, story: Story, assignee: int) -> crm.NewTask:
        opened = self.rows[place]["opened"]
        created = max(opened, self.at - timedelta(days=story.random.uniform(0.2, 9)))
        due = self.at.astimezone(ZONE) + timedelta(days=story.random.choice((-2, -1, 0, 0, 1, 2, 3, 5, 8)))
        return crm.NewTask(
            deal=self.keys[place],
            title=story.note(head=f"task_open {story.group}", at=self.at.astimezone(ZONE)),
            assignee=assignee,
            created_at=created,
            due_on=max(due.date(), created.astimezone(ZONE).date()),
        )


def _stood(events: Sequence[Event], *, at: datetime) -> float | None:
    """Return for how many days a deal has stood still in its stage, None where it has passed its evaluation there."""
    came = max((happened for _, happened, _, _, stage in events if stage is not None), default=at)
    passed = any(kind == "evaluation_passed" and happened >= came for kind, happened, *_ in events)
    stepped = max((happened for kind, happened, *_ in events if kind in STEPS), default=came)
    return None if passed else (at - max(came, stepped)) / timedelta(days=1)


def facts_of(row: dict[str, Any]) -> dict[str, str]:
    """Return what was known of a deal when it opened."""
    names = ("customer", "industry", "line", "product", "region", "source", "team")
    return {name: row[name] for name in names if row[name] is not None}


def _amount(row: dict[str, Any]) -> Decimal | None:
    return None if row["amount"] is None else Decimal(str(row["amount"])).quantize(Decimal("0.01"))
