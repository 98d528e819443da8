"""Sales operations shapes pipelines and fields: what follows for deals, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from foresail.core import events
from foresail.core.changes import Change
from foresail.crm import services
from foresail.crm.errors import (
    FieldInvalid,
    LastStage,
    NotAllowed,
    PipelineTaken,
    StageAsks,
    StageElsewhere,
    StageInUse,
    StageInvalid,
    StageRetired,
    StagesInvalid,
    ValueInvalid,
)
from foresail.crm.events import DealMoved, ManyTold
from foresail.crm.fields import ACCOUNT, DEAL, fields_of
from foresail.crm.models import CustomField, Deal, FieldChange, Stage
from foresail.crm.queries.listing import grouped, records
from foresail.crm.tests.conftest import AT, LATER, Company


def stages(company: Company) -> list[str]:
    return list(company.pipeline.stages.order_by("position").values_list("key", flat=True))


def stage(company: Company, key: str) -> Stage:
    return company.pipeline.stages.get(key=key)


def test_a_stage_is_added_at_the_end_and_put_anywhere(company: Company, changes: list[Change]) -> None:
    spec = services.StageSpec("proof", "样机验证", "proof of concept", 21)
    made = services.add_stage(pipeline=company.pipeline, spec=spec, by=company.ops, at=LATER)
    assert (stages(company)[-1], made.category) == ("proof", "pipeline")
    order = ["proof", "negotiation", "qualified", "quote"]
    services.order_stages(pipeline=company.pipeline, keys=order, by=company.ops, at=LATER)
    assert stages(company) == order
    assert [change.verb for change in changes] == ["add_stage", "order_stages"]
    for wrong in (order[1:], [*order, "quote"], [*order[1:], "nothing"]):
        with pytest.raises(StagesInvalid):
            services.order_stages(pipeline=company.pipeline, keys=wrong, by=company.ops, at=LATER)
    with pytest.raises(StagesInvalid):
        services.add_stage(pipeline=company.pipeline, spec=spec, by=company.ops, at=LATER)
    assert stages(company) == order


def test_a_stage_is_changed_and_asks_from_then_on(
    company: Company, notices: Callable[[], list[tuple[str, int]]]
) -> None:
    quote = stage(company, "quote")
    notices()
    services.change_stage(
        stage=quote, name_zh="方案报价", name_en="proposal", usual_days=None, category="best_case",
        requires=["next_step", "next_step"], by=company.ops, at=LATER,
    )  # fmt: skip
    quote.refresh_from_db()
    assert (quote.name_zh, quote.usual_days, quote.category, quote.requires) == (
        "方案报价", None, "best_case", ["next_step"],
    )  # fmt: skip
    assert notices() == [("pipelines", 0)]
    deal = company.deal
    with pytest.raises(StageAsks):
        services.move_deal(deal=deal, stage=quote, version=deal.version, by=company.li, at=LATER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"usual_days": 0}, {"usual_days": 4_000}, {"category": "sure"}, {"requires": ["nothing"]},
        {"requires": ["owner"]}, {"requires": ["house_amount"]},
    ],
)  # fmt: skip
def test_what_a_stage_cannot_be_is_refused(company: Company, wrong: dict[str, Any]) -> None:
    before = Stage.objects.values().get(key="quote")
    with pytest.raises(StageInvalid):
        services.change_stage(stage=stage(company, "quote"), by=company.ops, at=LATER, **wrong)
    assert Stage.objects.values().get(key="quote") == before


def test_a_retired_stage_asks_where_its_deals_go_and_moves_them(
    company: Company, changes: list[Change], emitted: list[Any]
) -> None:
    told: list[ManyTold] = []
    events.listen(ManyTold, told.append)
    first, quote = stage(company, "qualified"), stage(company, "quote")
    with pytest.raises(StageInUse):
        services.retire_stage(stage=first, by=company.ops, at=LATER)
    assert not changes
    services.change_stage(stage=quote, requires=["next_step"], by=None, at=LATER)
    changes.clear()
    assert services.retire_stage(stage=first, to=quote, by=company.ops, at=LATER) == 1
    deal = Deal.objects.get(pk=company.deal.pk)
    assert (deal.stage.key, deal.version, deal.changed_at) == ("quote", company.deal.version + 1, LATER)
    [moved] = told[0].events
    assert isinstance(moved, DealMoved)
    assert (moved.deal, moved.stage_key, moved.actor) == (deal.pk, "quote", company.ops.pk)
    assert not emitted
    change = FieldChange.objects.latest("pk")
    assert (change.field, change.before, change.after) == ("stage", first.pk, quote.pk)
    [retired] = changes
    assert (retired.verb, retired.values["to"], retired.values["moved"]) == ("retire_stage", "quote", 1)
    with pytest.raises(StageRetired):
        services.move_deal(deal=deal, stage=first, version=deal.version, by=company.li, at=LATER)
    opened = services.open_deal(
        name="又一个", account=company.account, pipeline=company.pipeline, owner=company.li, team=company.east,
        by=company.li, at=LATER,
    )  # fmt: skip
    assert opened.stage.key == "quote"
    services.bring_back_stage(stage=first, by=company.ops, at=LATER)
    assert stage(company, "qualified").retired_at is None


def test_many_deals_move_in_as_many_queries_as_few(
    company: Company, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(30):
        services.open_deal(
            name=f"商机{number}", account=company.account, pipeline=company.pipeline, owner=company.li,
            team=company.east, by=None, at=AT,
        )  # fmt: skip
    with django_assert_max_num_queries(25):
        moved = services.retire_stage(
            stage=stage(company, "qualified"), to=stage(company, "quote"), by=company.ops, at=LATER
        )
    assert moved == 31


def test_the_last_stage_stays_and_deals_go_nowhere_else(company: Company) -> None:
    other = services.add_pipeline(
        name="渠道", line=company.line, stages=[services.StageSpec("a", "甲", "a")], by=None, at=AT
    )
    [elsewhere] = other.stages.all()
    first, quote, negotiation = (stage(company, key) for key in ("qualified", "quote", "negotiation"))
    with pytest.raises(StageElsewhere):
        services.retire_stage(stage=first, to=elsewhere, by=company.ops, at=LATER)
    with pytest.raises(StageElsewhere):
        services.retire_stage(stage=first, to=first, by=company.ops, at=LATER)
    services.retire_stage(stage=negotiation, by=company.ops, at=LATER)
    with pytest.raises(StageRetired):
        services.retire_stage(stage=first, to=negotiation, by=company.ops, at=LATER)
    services.retire_stage(stage=quote, by=company.ops, at=LATER)
    with pytest.raises(LastStage):
        services.retire_stage(stage=first, by=company.ops, at=LATER)
    assert Deal.objects.get().stage == first


def test_a_pipeline_is_renamed_once_in_its_line(company: Company) -> None:
    services.add_pipeline(
        name="渠道", line=company.line, stages=[services.StageSpec("a", "甲", "a")], by=None, at=AT
    )
    services.change_pipeline(
        pipeline=company.pipeline, name="大客户", currency="USD", by=company.ops, at=LATER
    )
    company.pipeline.refresh_from_db()
    assert (company.pipeline.name, company.pipeline.currency) == ("大客户", "USD")
    with pytest.raises(PipelineTaken):
        services.change_pipeline(pipeline=company.pipeline, name="渠道", by=company.ops, at=LATER)


def test_only_sales_operations_shapes(company: Company, changes: list[Change]) -> None:
    first = stage(company, "qualified")
    spec = services.StageSpec("x", "某", "x")
    for who in (company.li, company.boss, company.reader):
        for verb in (
            lambda by: services.change_pipeline(pipeline=company.pipeline, name="x", by=by, at=LATER),
            lambda by: services.add_stage(pipeline=company.pipeline, spec=spec, by=by, at=LATER),
            lambda by: services.change_stage(stage=first, category="commit", by=by, at=LATER),
            lambda by: services.order_stages(
                pipeline=company.pipeline, keys=stages(company), by=by, at=LATER
            ),
            lambda by: services.retire_stage(stage=first, to=stage(company, "quote"), by=by, at=LATER),
            lambda by: services.bring_back_stage(stage=first, by=by, at=LATER),
            lambda by: services.order_custom_fields(kind=DEAL, keys=[], by=by, at=LATER),
        ):
            with pytest.raises(NotAllowed):
                verb(who)
    assert not changes


def test_a_deal_counts_as_its_stage_unless_it_says_otherwise(company: Company) -> None:
    services.change_stage(stage=stage(company, "qualified"), category="best_case", by=None, at=AT)

    def counted() -> list[object]:
        return [each.value for each in grouped(DEAL, user=company.li, now=LATER, by="counted_as")]

    assert counted() == ["best_case"]
    services.change_record(
        record=company.deal, edits={"category": services.Edit("commit")}, by=company.li, at=LATER
    )
    assert counted() == ["commit"]
    where = {"field": "counted_as", "op": "in", "value": ["best_case"]}
    assert records(DEAL, user=company.li, now=LATER, where=where).items == []
    services.set_field_rule(kind=DEAL, field="category", role="rep", level="hidden", by=None, at=AT)
    with pytest.raises(Exception, match="counted_as"):
        counted()
    with pytest.raises(FieldInvalid):
        services.set_field_rule(kind=DEAL, field="counted_as", role="rep", level="hidden", by=None, at=AT)


def own(kind: str = "choice", key: str = "grade", **more: Any) -> CustomField:
    return services.add_custom_field(
        kind=ACCOUNT, key=key, type=kind, name_zh="等级", name_en="Grade",
        choices=[{"key": "a", "zh": "甲", "en": "A"}, {"key": "b", "zh": "乙", "en": "B"}], by=None, at=AT, **more,
    )  # fmt: skip


def test_a_retired_choice_stays_where_it_is_and_is_not_chosen_again(company: Company) -> None:
    field = own("choices")
    other = services.add_account(
        name="另一家", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )

    def choose(record: Any, value: Any) -> Any:
        services.change_record(record=record, edits={"grade": services.Edit(value)}, by=company.li, at=LATER)
        return record.custom["grade"]

    assert choose(company.account, ["a"]) == ["a"]
    retired: list[dict[str, Any]] = [
        {"key": "b", "zh": "乙等", "en": "B"},
        {"key": "a", "zh": "甲", "en": "A", "retired": True},
    ]
    services.change_custom_field(field=field, choices=retired, by=company.ops, at=LATER)
    assert [(each.key, each.zh, each.retired) for each in fields_of(ACCOUNT)["grade"].choices] == [
        ("b", "乙等", False), ("a", "甲", True),
    ]  # fmt: skip
    assert choose(company.account, ["a", "b"]) == ["b", "a"]
    with pytest.raises(ValueInvalid):
        choose(other, ["a"])
    with pytest.raises(ValueInvalid):
        services.add_account(
            name="第三家", line=company.line, owner=company.li, team=company.east, grade=["a"], by=company.li, at=AT
        )  # fmt: skip
    # What was may always be brought back.
    choose(company.account, ["b"])
    services.restore_value(change=FieldChange.objects.latest("pk"), by=company.li, at=LATER)
    company.account.refresh_from_db()
    assert company.account.custom["grade"] == ["b", "a"]


def test_own_fields_are_put_in_order(company: Company, changes: list[Change]) -> None:
    for key in ("one", "two", "three"):
        own(key=key)
    changes.clear()
    services.order_custom_fields(kind=ACCOUNT, keys=["three", "one", "two"], by=company.ops, at=LATER)
    assert list(fields_of(ACCOUNT))[-3:] == ["three", "one", "two"]
    assert [change.verb for change in changes] == ["order_custom_fields"]
    with pytest.raises(FieldInvalid):
        services.order_custom_fields(kind=ACCOUNT, keys=["one", "two"], by=company.ops, at=LATER)
