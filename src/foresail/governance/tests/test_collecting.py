"""What may be collected is proposed by one and decided by another; nothing is allowed before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresail.core.errors import Refusal
from foresail.governance import queries, services
from foresail.governance.collecting import (
    PRESETS,
    Passed,
    Purpose,
    Reason,
    Said,
    boundary_kept,
    boundary_of,
    holds,
)
from foresail.governance.errors import (
    BoundaryDecided,
    BoundaryInvalid,
    BoundaryWaiting,
    NotGuardian,
    NotYourBoundary,
    OwnBoundary,
    ReasonMissing,
    WordingInvalid,
)
from foresail.governance.models import ConsentWording, GateCount, ProposedBoundary
from foresail.governance.queries import trail
from foresail.people import services as people
from foresail.people.errors import NotAllowed
from foresail.people.models import User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULE: dict[str, Any] = {
    "source": "web", "purpose": "intent", "basis": "consent", "days": 30, "fields": {"url": "mask", "title": "keep"}, "kinds": [],
}  # fmt: skip


@pytest.fixture
def hire(db: None) -> Callable[..., User]:  # noqa: ARG001
    def hire(name: str, *roles: Role) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=None, by=None, at=AT)
        for role in roles:
            people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    return hire


@pytest.fixture
def admin(hire: Callable[..., User]) -> User:
    return hire("admin", Role.ADMIN)


@pytest.fixture
def ops(hire: Callable[..., User]) -> User:
    return hire("ops", Role.SALES_OPERATIONS)


@pytest.fixture
def guardian(hire: Callable[..., User], admin: User) -> User:
    user = hire("dpo")
    services.add_guardian(person=user, by=admin, at=AT)
    return user


def propose(by: User, **otherwise: Any) -> ProposedBoundary:
    return services.propose_boundary(rules=[RULE | otherwise], reason="a pilot", by=by, at=AT)


def test_what_an_update_took_away_does_not_come_and_stops_nothing() -> None:
    gone = [{**RULE, "source": "gone"}, {**RULE, "fields": {"url": "mask", "gone": "keep"}}]
    assert boundary_kept(3, gone) == boundary_of(3, [RULE | {"fields": {"url": "mask"}}])


def test_one_proposes_another_decides_and_then_it_is_in_force(ops: User, guardian: User) -> None:
    assert queries.boundary_in_force().rules == ()
    made = propose(ops)
    assert queries.boundary_in_force().version == 0
    services.decide_boundary(boundary=made, approved=True, note="", by=guardian, at=AT)
    assert [rule.told() for rule in queries.boundary_in_force().rules] == [RULE]
    second = propose(ops, days=7)
    services.decide_boundary(boundary=second, approved=False, note="too short", by=guardian, at=AT)
    assert (queries.boundary_in_force().version, second.version) == (1, 2)
    third = propose(ops, days=60)
    services.decide_boundary(boundary=third, approved=True, note="", by=guardian, at=AT + timedelta(hours=1))
    assert queries.boundary_in_force().rules[0].days == 60
    verbs = [entry.verb for entry in trail(subject="governance.ProposedBoundary", key=str(made.pk))]
    assert sorted(verbs) == ["approve_boundary", "propose_boundary"]


def test_who_may_not_is_refused_and_nothing_changes(
    ops: User, admin: User, guardian: User, hire: Callable[..., User]
) -> None:
    rep, boss = hire("rep", Role.REP), hire("boss", Role.MANAGER)
    for user in (rep, boss, guardian):
        with pytest.raises(NotAllowed):
            propose(user)
    for user in (rep, ops, guardian):
        with pytest.raises(NotAllowed):
            services.add_guardian(person=user, by=user, at=AT)
    made = propose(ops)
    for user in (rep, ops, admin):
        with pytest.raises(NotGuardian):
            services.decide_boundary(boundary=made, approved=True, note="", by=user, at=AT)
    with pytest.raises(NotYourBoundary):
        services.withdraw_boundary(boundary=made, by=guardian, at=AT)
    with pytest.raises(BoundaryWaiting):
        propose(admin)
    services.add_guardian(person=ops, by=admin, at=AT)
    with pytest.raises(OwnBoundary):
        services.decide_boundary(boundary=made, approved=True, note="", by=ops, at=AT)
    with pytest.raises(ReasonMissing):
        services.decide_boundary(boundary=made, approved=False, note=" ", by=guardian, at=AT)
    for user in (rep, boss):
        with pytest.raises(NotAllowed):
            queries.boundaries(user=user)
    made.refresh_from_db()
    assert (made.status, queries.boundary_in_force().version) == ("proposed", 0)
    services.withdraw_boundary(boundary=made, by=ops, at=AT)
    with pytest.raises(BoundaryDecided):
        services.decide_boundary(boundary=made, approved=True, note="", by=guardian, at=AT)
    services.remove_guardian(person=guardian, by=admin, at=AT)
    with pytest.raises(NotGuardian):
        services.decide_boundary(boundary=propose(ops), approved=True, note="", by=guardian, at=AT)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"source": "nowhere"}, "no such source"),
        ({"days": 0}, "from 1 to"),
        ({"days": True}, "from 1 to"),
        ({"days": 99_999}, "from 1 to"),
        ({"purpose": "fun"}, "no such purpose"),
        ({"basis": "because"}, "no such ground"),
        ({"fields": {"own": "keep"}}, "no such field"),
        ({"fields": {"url": "burn"}}, "kept or masked"),
        ({"fields": {"title": "mask"}}, "cannot be masked"),
        ({"kinds": [""]}, "are texts"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BoundaryInvalid, match=f"Rule 2 is wrong: .*{said}"):
        boundary_of(1, [RULE | {"source": "form", "fields": {}}, RULE | wrong])
    with pytest.raises(BoundaryInvalid, match="one rule"):
        boundary_of(1, [RULE, RULE])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_presets_are_sound_and_take_no_more_than_they_say(preset: Any) -> None:
    boundary = boundary_of(1, preset.rules())
    assert {rule.basis.value for rule in boundary.rules} == {"consent"}
    web = boundary.by_source["web"]
    assert web.days == preset.days
    values = {"url": "https://a.example/p?x=1", "agent": "Windows", "screen": "1x1", "title": "t"}
    passed = boundary.judge(source="web", kind="page", values=values, at=AT, now=AT)
    assert isinstance(passed, Passed)
    assert passed.values["agent"] == "Windows"
    assert passed.values["url"] == "https://a.example/p"
    assert "screen" not in passed.values
    assert preset.zh
    assert preset.why_zh
    assert preset.why_en


def test_the_gate_says_why() -> None:
    boundary = boundary_of(1, [RULE | {"kinds": ["page"]}])
    judged = {
        "source": boundary.judge(source="form", kind="page", values={}, at=AT, now=AT),
        "kind": boundary.judge(source="web", kind="download", values={}, at=AT, now=AT),
        "too_old": boundary.judge(source="web", kind="page", values={}, at=AT, now=AT + timedelta(days=30)),
        "no_boundary": boundary_of(0, []).judge(source="web", kind="page", values={}, at=AT, now=AT),
    }
    assert judged == {name: Reason(name) for name in judged}


@given(
    said=st.lists(
        st.builds(
            lambda place, given, at: Said(given=given, at=AT + timedelta(hours=at), place=place),
            st.integers(1, 99), st.booleans(), st.integers(0, 6),
        ),
        max_size=6,
        unique_by=lambda each: each.place,
    ),
    at=st.integers(0, 8),
)  # fmt: skip
def test_consent_holds_only_where_no_word_speaks_against_it(said: list[Said], at: int) -> None:
    then = AT + timedelta(hours=at)

    def word(until: datetime) -> bool:
        before = [each for each in said if each.at <= until]
        newest = max((each.at for each in before), default=None)
        answers = [each.given for each in before if each.at == newest]
        return bool(answers) and all(answers)

    last_told = bool(said) and max(said, key=lambda each: each.place).given
    assert holds(said, at=then) == (word(then) and word(datetime.max.replace(tzinfo=UTC)) and last_told)


def test_what_was_asked_is_kept_word_by_word(ops: User, hire: Callable[..., User]) -> None:
    first = services.add_wording(purpose=Purpose.INTENT, zh="我们可以……吗？", en="May we …?", by=ops, at=AT)
    second = services.add_wording(purpose=Purpose.INTENT, zh="可以吗？", en="May we?", by=ops, at=AT)
    assert (first.version, second.version) == (1, 2)
    assert queries.wording_of(purpose=Purpose.INTENT) == second
    assert queries.wording_of(purpose=Purpose.INTENT, version=1) == first
    wrong: tuple[tuple[type[Refusal], dict[str, Any]], ...] = (
        (WordingInvalid, {"zh": "", "en": "x", "by": ops}),
        (WordingInvalid, {"zh": "x" * 5_001, "en": "x", "by": ops}),
        (NotAllowed, {"zh": "x", "en": "x", "by": hire("rep", Role.REP)}),
    )
    for refusal, said in wrong:
        with pytest.raises(refusal):
            services.add_wording(purpose=Purpose.INTENT, at=AT, **said)
    assert ConsentWording.objects.count() == 2


def test_what_is_left_out_is_counted_by_day(ops: User) -> None:
    counts = {("web", Reason.CONSENT): 2, ("form", Reason.SOURCE): 1}
    for at in (AT, AT, AT + timedelta(days=1)):
        services.count_left_out(counts, at=at)
    assert GateCount.objects.get(source="web", on=AT.date()).count == 4
    told = queries.left_out(user=ops, days=1, at=AT + timedelta(days=1))
    assert [(each.source, each.reason, each.count) for each in told] == [
        ("form", "source", 1),
        ("web", "consent", 2),
    ]
