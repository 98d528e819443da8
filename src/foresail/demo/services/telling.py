"""What happened in simulated deals, in the shape in which the rooms keep it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any, Final

from foresail.conversations import services as conversations
from foresail.conversations.services import NewCommunication
from foresail.crm.services import NewDeal
from foresail.demo.customers import Person
from foresail.demo.history import Event
from foresail.demo.writer import CHANNELS, Story
from foresail.timeline import services as timeline
from foresail.timeline.services import NewEntry

SOURCE: Final = "demo"
BATCH: Final = 20_000
_NOTED: Final = frozenset(
    {
        *("competitor_mentioned", "contact_left", "budget_frozen", "budget_released"),
        *("price_objection", "price_answered", "evaluation_passed", "demo", "task_done"),
    }
)
_PAGES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "web_visit": {
        "zh": (
            "产品页 · {p}",
            "案例页 · {cell}",
            "资料下载 · {p}选型手册",
            "产品页 · {p}技术参数",
            "关于我们",
        ),
        "en": ("Product page · {p}", "Cases · {cell}", "Downloads · {p}", "About us"),
    },
    "web_visit_price": {
        "zh": ("价格页 · {p}", "询价页 · {p}"),
        "en": ("Prices · {p}", "Request a quote · {p}"),
    },
}
_BASIS: Final = {"web_visit": "consent", "web_visit_price": "consent", "quote_sent": "contract"}


class Teller:
    """Collects entries and talks, and hands them over in batches. One deal after the other."""

    def __init__(self, *, users: Mapping[str, int], contacts: Mapping[int, int], at: datetime) -> None:
        self.users, self.contacts, self.at = users, contacts, at
        self.entries = self.communications = 0
        self._entries: list[NewEntry] = []
        self._talks: list[NewCommunication] = []
        self._key, self._count, self._quotes = 0, 0, 0
        self._deal: NewDeal

    def deal(self, *, key: int, deal: NewDeal, owner: int) -> None:
        """Begin the next deal with its opening."""
        self._key, self._deal, self._count, self._quotes = key, deal, 0, 0
        values = {
            "pipeline": deal.pipeline,
            "amount": None if deal.amount is None else str(deal.amount),
            "owner": f"u{owner}",
            "facts": dict(deal.facts),
        }
        self._add("deal_opened", deal.opened_at, deal.opened_at, owner, values, "own_record")

    def event(self, story: Story, event: Event, *, left: Person | None) -> None:
        """Tell of one event; `left` is who left, where that is what happened."""
        kind, at, known_at, actor, stage = event
        who = None if actor is None else self.users[actor]
        if kind in CHANNELS:
            self._talk(story, kind, at, known_at, who)
            return
        values: dict[str, Any] = {}
        if stage is not None:
            story.stage = stage
            values["stage"] = stage
        elif kind == "quote_sent":
            story.quoted = True
            self._quotes += 1
            title = f"{story.note(head='quote_note', at=at)} V{self._quotes}"
            values["title"] = (
                f"{title} · ¥{amount:,.0f}" if (amount := self._deal.amount) is not None else title
            )
        elif kind in _PAGES:
            values["title"] = _page(story.random, kind, story)
            values["seconds"] = round(story.random.lognormvariate(4.2, 0.8))
        elif kind in _NOTED:
            values["title"] = story.note(head=kind, at=at, person=left)
            if left is not None:
                values["contact"] = self.contacts[id(left)]
        elif kind in {"won", "lost"}:
            values["title"] = self._deal.close_reason
        self._add(kind, at, known_at, who, values, _BASIS.get(kind, "own_record"))

    def flush(self) -> None:
        """Hand over what is collected."""
        if self._entries:
            self.entries += timeline.append(self._entries, at=self.at, quiet=True)
        if self._talks:
            kept = conversations.add_communications(self._talks, at=self.at, quiet=True)
            self.communications += kept
            self.entries += kept
        self._entries, self._talks = [], []

    def _talk(self, story: Story, kind: str, at: datetime, known_at: datetime, who: int | None) -> None:
        said = story.say(kind=kind, at=at)
        channel, _, direction = kind.partition("_")
        self._talks.append(
            NewCommunication(
                deal=self._key,
                account=self._deal.account,
                channel=channel,
                direction=direction or "none",
                title=said.title,
                text=said.text,
                at=at,
                known_at=known_at,
                author=who,
                contact=None if said.person is None else self.contacts[id(said.person)],
                source=SOURCE,
                source_id=self._next(),
            )
        )
        self._flush_if_full()

    def _add(
        self,
        kind: str,
        at: datetime,
        known_at: datetime,
        actor: int | None,
        values: dict[str, Any],
        basis: str,
    ) -> None:
        self._entries.append(
            NewEntry(
                known_at=known_at,
                at=at,
                kind=kind,
                deal_id=self._key,
                account_id=self._deal.account,
                actor_id=actor,
                subject=f"crm.Deal:{self._key}",
                source=SOURCE,
                source_id=self._next(),
                basis=basis,
                values=values or None,
            )
        )
        self._flush_if_full()

    def _next(self) -> str:
        self._count += 1
        return f"{self._deal.number}:{self._count}"

    def _flush_if_full(self) -> None:
        if len(self._entries) + len(self._talks) >= BATCH:
            self.flush()


def _page(random: Random, kind: str, story: Story) -> str:
    return random.choice(_PAGES[kind][story.language]).format_map(story.slots)
