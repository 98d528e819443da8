"""A company's own log comes in whole, once, and reads on the timeline as it read in the file."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.apps import apps

from foresail.connectors import services
from foresail.connectors.services.importing import stages_of
from foresail.core.errors import Refusal
from foresail.core.home import Home
from foresail.crm import queries as crm
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.site.cli import inputs, language, screen, signals
from foresail.site.cli.door import SUBCOMMANDS, CommandError
from foresail.site.cli.importing import bring_in
from foresail.timeline import queries as timeline
from foresail.timeline import services as timeline_services

AT = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
DEALS = 120
TABLES = (
    ("people", "BusinessLine"),
    ("crm", "Pipeline"),
    ("crm", "Account"),
    ("crm", "Deal"),
    ("timeline", "Entry"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("log")
    simulate(seed=3, deals=DEALS, start=date(2026, 1, 1), months=6).write(made)
    return made


@pytest.fixture(scope="module")
def source(folder: Path) -> inputs.Source:
    mapping = inputs.open_mapping(path=folder / "mapping.toml", log=None)
    with screen.progress() as report:
        return inputs.read(
            mapping=mapping, mapping_name="mapping.toml", log=None, allow_rejects=False, report=report
        )


def counts() -> list[int]:
    return [apps.get_model(app, model).objects.count() for app, model in TABLES]


def bring(source: inputs.Source, **other: str | None) -> services.Imported:
    given: dict[str, str | None] = {"line": "运动控制", "team": "一组", "name": "设备销售"}
    return services.import_log(source.log, at=AT, **(given | other))  # type: ignore[arg-type]


def events_of(log: DealLog, names: dict[str, str] | None = None) -> Counter[tuple[object, ...]]:
    def name(known: tuple[str, ...], code: int) -> str | None:
        return None if code < 0 else known[code]

    events = log.events
    return Counter(
        (
            (names or {}).get(log.deals.ids[deal], log.deals.ids[deal]),
            at,
            known,
            events.kinds[kind],
            name(events.actors, actor),
            name(events.stages, stage),
        )
        for deal, at, known, kind, actor, stage in zip(
            events.deal, events.at, events.known, events.kind, events.actor, events.stage, strict=True
        )
    )


@pytest.mark.django_db
def test_the_timeline_reads_as_the_file_does(source: inputs.Source) -> None:
    done = bring(source)
    found = timeline.deal_log(pipelines=[done.pipeline]).log()
    numbers = {
        key: crm.facts_of([int(key)])[int(key)].number.removeprefix("设备销售 ") for key in found.deals.ids
    }
    assert events_of(found, numbers) == events_of(source.log)
    order = np.argsort([numbers[key] for key in found.deals.ids])
    for name in ("opened", "closed", "outcome", "amount"):
        np.testing.assert_array_equal(getattr(found.deals, name)[order], getattr(source.log.deals, name))
    owners = [found.deals.owners[code] for code in found.deals.owner[order]]
    assert owners == [source.log.deals.owners[code] for code in source.log.deals.owner]
    ended = int((source.log.deals.outcome != 0).sum())
    assert done.entries == len(source.log.events) + DEALS + ended
    assert (done.deals, done.accounts, done.open_deals, done.known) == (DEALS, DEALS, DEALS - ended, 0)


@pytest.mark.django_db
def test_deals_stand_as_they_ended_and_belong_to_nobody(source: inputs.Source) -> None:
    done = bring(source)
    (pipeline,) = crm.pipelines()
    assert (pipeline.pk, pipeline.name, pipeline.line.name) == (done.pipeline, "设备销售", "运动控制")
    assert [stage.key for stage in pipeline.stages.all()] == [
        "qualified",
        "solution",
        "evaluation",
        "quote",
        "negotiation",
    ]
    assert [stage.name_zh for stage in pipeline.stages.all()][:2] == ["已确认", "方案"]
    deals: Any = apps.get_model("crm", "Deal").objects.select_related("stage", "account", "team")
    first = deals.get(number="设备销售 QM0001")
    assert (first.name, first.account.name, first.owner, first.team.name) == (
        "设备销售 QM0001",
        "设备销售 QM0001",
        None,
        "一组",
    )
    statuses = Counter(deals.values_list("status", flat=True))
    outcomes = Counter(source.log.deals.outcome.tolist())
    assert (statuses["open"], statuses["won"], statuses["lost"]) == (outcomes[0], outcomes[1], outcomes[2])
    entry: Any = apps.get_model("timeline", "Entry").objects.get(deal=first.pk, kind="deal_opened")
    assert (entry.source, entry.values["pipeline"]) == ("import:设备销售", done.pipeline)
    assert entry.values["owner"] == source.log.deals.owners[source.log.deals.owner[0]]


@pytest.mark.django_db
def test_done_again_it_adds_nothing(source: inputs.Source) -> None:
    bring(source)
    before = counts()
    again = bring(source)
    assert (again.deals, again.accounts, again.entries, again.known) == (0, 0, 0, DEALS)
    assert counts() == before


@pytest.mark.django_db
def test_new_deals_of_a_longer_log_are_added(source: inputs.Source) -> None:
    earlier = source.log.select(np.arange(DEALS) < 100)
    first = services.import_log(earlier, line="运动控制", team="一组", name="设备销售", at=AT)
    then = bring(source)
    assert (first.deals, then.deals, then.known) == (100, 20, 100)
    whole = timeline.deal_log(pipelines=[then.pipeline]).log()
    assert len(whole.events) == len(source.log.events)


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_import_leaves_nothing_and_completes_when_done_again(
    source: inputs.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    append: Any = timeline_services.append
    calls: list[int] = []

    def interrupted(*args: object, **rest: object) -> int:
        calls.append(append(*args, **rest))
        raise KeyboardInterrupt

    monkeypatch.setattr(timeline_services, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bring(source)
    assert calls[0] > 0
    assert counts() == [0] * len(TABLES)
    monkeypatch.setattr(timeline_services, "append", append)
    assert bring(source).deals == DEALS


@pytest.mark.django_db
def test_customers_named_by_the_log_become_accounts(source: inputs.Source) -> None:
    names = [f"客户 {number % 30}" for number in range(DEALS)]
    attributes = source.log.deals.attributes.with_columns(account=pl.Series(names))
    log = replace(source.log, deals=replace(source.log.deals, attributes=attributes))
    done = services.import_log(log, line="运动控制", team=None, name="设备销售", at=AT)
    assert done.accounts == 30
    assert apps.get_model("crm", "Account").objects.get(name="客户 7").deals.count() == 4
    again = services.import_log(log, line="运动控制", team=None, name="设备销售", at=AT)
    assert again.accounts == 0


@pytest.mark.django_db
def test_other_stages_under_the_same_name_are_refused(source: inputs.Source) -> None:
    bring(source)
    before = counts()
    stage = source.log.events.stages[0]
    stages = tuple("elsewhere" if each == stage else each for each in source.log.events.stages)
    other = replace(source.log, events=replace(source.log.events, stages=stages))
    with pytest.raises(Refusal, match="has no stage elsewhere") as refused:
        services.import_log(other, line="运动控制", team=None, name="设备销售", at=AT)
    assert refused.value.code == "pipeline_differs"
    assert counts() == before


@pytest.mark.django_db
def test_the_command_says_what_came_in(source: inputs.Source, capsys: pytest.CaptureFixture[str]) -> None:
    show = screen.Screen()
    bring_in(source, line="运动控制", team=None, name="设备销售", train=False, show=show)
    bring_in(source, line="运动控制", team=None, name="设备销售", train=False, show=show)
    said = capsys.readouterr().out
    assert f"{DEALS} deals" in said or f"{DEALS} 个商机" in said
    waiting = apps.get_model("procrastinate", "ProcrastinateJob").objects.filter(task_name="forecast.train")
    assert [job.args["replay"] for job in waiting] == [True]
    assert {"demo", "import"} <= set(SUBCOMMANDS)


def test_stages_come_in_the_order_in_which_deals_reach_them(source: inputs.Source) -> None:
    assert stages_of(source.log) == ["qualified", "solution", "evaluation", "quote", "negotiation"]


@pytest.mark.django_db
def test_a_file_of_signals_is_brought_and_its_counts_are_told(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOME = Home(tmp_path)
    file = tmp_path / "scans.csv"
    file.write_text("日期,邮箱\n2026-03-02,li@example.com\n,wang@example.com\n", encoding="gb18030")
    with language.speaking("en"):
        signals.bring(file, source="fair_scan", day=None)
        assert capsys.readouterr().out.splitlines() == [
            "2 rows: 0 signals were kept, 0 were here before.",
            "Not kept, or not whole: no boundary is in force, 1.",
            "1 rows lack a time or say not who it was (counted without header and empty rows): 2",
        ]
        with pytest.raises(CommandError, match="no source web"):
            signals.bring(file, source="web", day=None)
        file.write_bytes(b"\x7fELF")
        with pytest.raises(CommandError, match="CSV or Excel"):
            signals.bring(file, source="fair_scan", day=None)
