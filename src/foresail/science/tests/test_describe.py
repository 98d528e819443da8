"""A description says what is there and what is odd; a guessed mapping can be used at once."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.science.describe import Description, describe, guess_mapping
from foresail.science.errors import ReadError
from foresail.science.mapping import Mapping, parse_mapping
from foresail.science.reading import Reading, read_log
from foresail.science.reading.words import outcome_of, tokens, yes_or_no

DATA = Path(__file__).parents[5] / "shared" / "data"

LOG = '[log]\nfile = "e.csv"\ndeal = "case"\nat = "time"\nkind = "what"\nactor = "who"\n'
ENDS = '[outcome]\nwon = ["won"]\nlost = ["lost"]\n[stage]\nkinds = ["call"]\n'
DEALS = (
    '[deals]\nfile = "d.csv"\ndeal = "id"\nopened = "from"\nclosed = "to"\nresult = "end"\n'
    'won = ["Won"]\nlost = ["Lost"]\nowner = "rep"\namount = "sum"\nattributes = ["*"]\n'
)
START = datetime.fromisoformat("2024-01-01T09:00")


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Description]:
    """Write files, read them by a mapping, and describe them."""

    def teller(mapping: str, **files: str) -> Description:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        reading = read_log(mapping=parse_mapping(mapping, folder=tmp_path), allow_rejects=True)
        return describe(reading)

    return teller


def codes(description: Description) -> set[str]:
    return {finding.code for finding in description.findings}


def day(number: float) -> str:
    return (START + timedelta(days=number)).isoformat()


def table(*, ends: list[str], reps: int = 3) -> str:
    """Return a table of deals that open a day apart and, if they end, take ten days."""
    rows = [
        f"d{number:03},{day(number)},{day(number + 10) if end else ''},{end},rep{number % reps},,"
        for number, end in enumerate(ends)
    ]
    return "id,from,to,end,rep,sum,size\n" + "\n".join(rows) + "\n"


def test_counts_and_durations_are_exact(told: Callable[..., Description]) -> None:
    rows = (
        f"case,time,what,who\na,{day(0)},call,Li\na,{day(1)},mail,Li\na,{day(4)},won,Li\n"
        f"b,{day(1)},call,Wu\nb,{day(1)},call,Wu\nb,{day(9)},lost,Li\nc,{day(2)},call,\nc,,call,\n"
    )
    found = told(LOG + ENDS, e=rows)
    assert (found.deals, found.events, found.open, found.won, found.lost) == (3, 4, 1, 1, 1)
    assert (found.first, found.last) == ("2024-01-01T09:00:00+00:00", "2024-01-10T09:00:00+00:00")
    assert found.kinds == {"call": 3, "mail": 1}
    assert found.stages == {"call": 3}
    assert found.actors == {"Li": 2, "Wu": 1}
    assert found.durations == {
        "won": {"0.1": 4.0, "0.25": 4.0, "0.5": 4.0, "0.75": 4.0, "0.9": 4.0},
        "lost": {"0.1": 8.0, "0.25": 8.0, "0.5": 8.0, "0.75": 8.0, "0.9": 8.0},
    }
    assert (found.rejects, found.duplicates) == ({"time_missing": 1}, 1)
    assert codes(found) == {"too_few_closed", "duplicates"}
    assert json.loads(json.dumps(found.to_dict()))["findings"][0]["code"] == "too_few_closed"


def test_missing_shares_and_owners(told: Callable[..., Description]) -> None:
    rows = f"id,from,to,end,rep,sum,size\na,{day(0)},,x,Li,5,\nb,{day(1)},,x,Li,,3\nc,{day(2)},,x,,,\n"
    found = told(DEALS, d=rows)
    assert found.missing == {
        "size": pytest.approx(2 / 3),
        "owner": pytest.approx(1 / 3),
        "amount": pytest.approx(2 / 3),
    }
    assert found.owners == {"Li": 2}
    assert found.durations == {"won": None, "lost": None}
    assert "one_owner" in codes(found)


@pytest.mark.parametrize(
    ("closed", "expected"), [(9, {"too_few_closed"}), (10, {"few_closed"}), (79, {"few_closed"}), (80, set())]
)
def test_few_closed_deals_are_said(told: Callable[..., Description], closed: int, expected: set[str]) -> None:
    ends = ["Won" if number % 2 else "Lost" for number in range(closed)]
    assert codes(told(DEALS, d=table(ends=ends))) == expected


def test_one_sided_outcomes_are_said(told: Callable[..., Description]) -> None:
    assert codes(told(DEALS, d=table(ends=["Won"] * 99 + ["Lost"]))) == {"one_sided"}
    assert codes(told(DEALS, d=table(ends=["Won"] * 98 + ["Lost"] * 2))) == set()
    assert codes(told(DEALS, d=table(ends=["Lost"] * 100))) == {"one_sided"}


def test_open_deals_silent_for_too_long_are_said(told: Callable[..., Description]) -> None:
    ends = ["", "", *["Won", "Lost"] * 40, ""]
    found = told(DEALS, d=table(ends=ends))
    assert codes(found) == {"dead_but_open"}
    (finding,) = found.findings
    assert finding.en.startswith("2 open deals have been silent for more than 10 days")


def test_deals_that_all_open_at_once_are_said(told: Callable[..., Description]) -> None:
    rows = "".join(f"d{number},{day(0.01 * number)},{day(5)},Won,r{number % 2},,\n" for number in range(90))
    found = told(DEALS, d="id,from,to,end,rep,sum,size\n" + rows)
    assert codes(found) == {"opened_in_one_day", "one_sided"}


def test_a_log_without_dates_is_said(told: Callable[..., Description]) -> None:
    text = '[deals]\nfile = "d.csv"\nresult = "end"\nwon = ["Won"]\nlost = ["Lost"]\n'
    found = told(text, d="x,end\n" + "".join(f"{n},{'Won' if n % 2 else 'Lost'}\n" for n in range(90)))
    assert codes(found) == {"undated"}
    assert (found.first, found.last) == (None, None)


def test_odd_events_are_said(told: Callable[..., Description]) -> None:
    def events(*, bulk: bool, late: bool, dates: bool) -> str:
        rows = []
        for number in range(100):
            moments = [number, number + 1.5, number + 3]
            kinds = ["call", "mail", "won" if number % 2 else "lost"]
            rows += [
                f"d{number:03},{day(moment)[:10] if dates else day(moment)},{kind},Li"
                for moment, kind in zip(moments, kinds, strict=True)
            ]
            if late and number > 85:
                rows.append(f"d{number:03},{day(number + 0.3)},robot,Li")
            if bulk and 40 <= number < 65:
                rows.append(f"d{number:03},{day(39)},import,Li")
        return "case,time,what,who\n" + "\n".join(rows) + "\n"

    assert codes(told(LOG + ENDS, e=events(bulk=False, late=False, dates=False))) == set()
    assert codes(told(LOG + ENDS, e=events(bulk=True, late=False, dates=False))) == {"events_in_bulk"}
    assert codes(told(LOG + ENDS, e=events(bulk=False, late=False, dates=True))) == {"dates_only"}
    late = told(LOG + ENDS, e=events(bulk=False, late=True, dates=False))
    assert codes(late) == {"kinds_new"}
    assert "robot" in late.findings[0].en
    assert "robot" in late.findings[0].zh


def test_events_before_their_deal_are_said(told: Callable[..., Description]) -> None:
    rows = f"case,time,what,who\nd001,{day(0.9)},call,Li\nd001,{day(2)},call,Li\n"
    ends = ["Won", "Lost"] * 50
    found = told(LOG + ENDS + DEALS, e=rows, d=table(ends=ends))
    (finding,) = (finding for finding in found.findings if finding.code == "events_before_opened")
    assert finding.en == "1 events are earlier than the opening of their deal."


# --- guessing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Won", "won"),
        ("Closed Won", "won"),
        ("closed-lost", "lost"),
        ("Loss", "lost"),
        ("A_DECLINED", "lost"),
        ("A_CANCELLED", "lost"),
        ("loan activated", "won"),
        ("not converted", "lost"),
        ("Negotiation", None),
        ("Wonder", None),
        ("Accepted", None),
        ("成交", "won"),
        ("赢单", "won"),
        ("已签约", "won"),
        ("待签约", None),
        ("签约中", None),
        ("未成交", "lost"),
        ("丢单", "lost"),
        ("客户流失", "lost"),
        ("未流失", None),
        ("洽谈", None),
    ],
)
def test_what_a_value_says_of_the_end(value: str, expected: str | None) -> None:
    assert outcome_of(value) == expected


def test_words_of_names_and_flags() -> None:
    assert tokens("closeDate_UTC ID2") == {"close", "date", "utc", "id", "2"}
    assert [yes_or_no(text) for text in ("Yes", "0", "是", "maybe")] == [True, False, True, None]


def guessed(path: Path) -> tuple[Mapping, Reading, set[str]]:
    guess = guess_mapping(path)
    mapping = parse_mapping(guess.mapping_toml, folder=path.parent)
    assert all(0 < confidence <= 1 for confidence in guess.confidence.values())
    return mapping, read_log(mapping=mapping), {question.en for question in guess.questions}


def test_a_chinese_table_of_deals_is_understood(tmp_path: Path) -> None:
    rows = ["商机编号,商机名称,负责人,阶段,创建日期,结束日期,预算,实际回款"]
    for number in range(60):
        end = ("赢单", "输单", "洽谈")[number % 3]
        closed = "" if end == "洽谈" else f"2024/{number % 5 + 3}/7"
        paid = "" if end == "洽谈" else f"{number * 7 + 1}"
        rep = ("王芳", "李小明", "张伟")[number % 4 % 3]
        rows.append(
            f"SJ{number:04},第{number}个项目,{rep},{end},2024/1/{number % 28 + 1},{closed},{number * 10},{paid}"
        )
    path = tmp_path / "商机.csv"
    path.write_bytes("\n".join(rows).encode("gb18030"))
    mapping, reading, questions = guessed(path)
    columns = mapping.deals
    assert columns is not None
    assert (columns.deal, columns.opened, columns.closed) == ("商机编号", "创建日期", "结束日期")
    assert (columns.result, columns.won, columns.lost) == ("阶段", ("赢单",), ("输单",))
    assert (columns.owner, columns.amount) == ("负责人", "预算")
    assert "实际回款" not in columns.attributes
    assert any("实际回款" in question for question in questions)
    assert [int(sum(reading.log.deals.outcome == outcome)) for outcome in (0, 1, 2)] == [20, 20, 20]


def test_a_log_of_events_is_understood_by_its_values(tmp_path: Path) -> None:
    rows = ["c1,c2,c3,c4,c5"]
    for number in range(50):
        kinds = ["X_new", "mail sent", "X_offer", "X_declined" if number % 3 else "X_won"]
        rows += [
            f"{day(number + step)},N{number % 50:03},{kind},p{(number + step) % 4},{number % 7}"
            for step, kind in enumerate(kinds)
        ]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    mapping, reading, _ = guessed(path)
    assert mapping.log is not None
    assert (mapping.log.deal, mapping.log.at, mapping.log.kind) == ("c2", "c1", "c3")
    assert mapping.log.attributes == ("c5",)
    assert mapping.outcome is not None
    assert (mapping.outcome.won, mapping.outcome.lost) == (("X_won",), ("X_declined",))
    assert mapping.stage is not None
    assert mapping.stage.prefix == "X_"
    assert [int(sum(reading.log.deals.outcome == outcome)) for outcome in (0, 1, 2)] == [0, 17, 33]


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a,b\n1,x\n2,y\n", "when,x\n2024-01-01,1\n", "t,x\n2024-01-01,1\n2024-01-02,1\n"]
)
def test_a_guess_can_always_be_parsed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    guess = guess_mapping(path)
    parse_mapping(guess.mapping_toml, folder=tmp_path)
    assert guess.questions


cells = st.sampled_from(
    ["2024-01-01", "2024-01-02", "Won", "Lost", "a", "b", "1", "2.5", "", "START", "A_WON"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    names=st.lists(
        st.sampled_from(["id", "close", "owner", "x", "y", "time"]), min_size=1, max_size=5, unique=True
    ),
    data=st.data(),
)
def test_whatever_the_table_the_guess_can_be_read(
    tmp_path: Path, names: list[str], data: st.DataObject
) -> None:
    width = len(names)
    rows = data.draw(
        st.lists(st.lists(cells, min_size=width, max_size=width).filter(any), min_size=1, max_size=9)
    )
    path = tmp_path / "x.csv"
    path.write_text("\n".join(",".join(row) for row in [names, *rows]) + "\n", encoding="utf-8")
    mapping = parse_mapping(guess_mapping(path).mapping_toml, folder=tmp_path)
    try:
        description = describe(read_log(mapping=mapping, allow_rejects=True))
    except ReadError:
        return  # every row was set aside
    assert description.deals == description.open + description.won + description.lost > 0


@pytest.mark.skipif(not DATA.exists(), reason="the shared data sets are not on this machine")
@pytest.mark.parametrize(
    ("file", "deals", "won", "lost", "dated"),
    [
        ("bpic12/events.csv.gz", 9842, 1462, 7528, True),
        ("maven_crm/sales_pipeline.csv", 8300, 4238, 2473, True),
        ("ibm_win_loss/WA_Fn-UseC_-Sales-Win-Loss.csv.gz", 77829, 17548, 60281, False),
        ("xeducation_leads/Leads.csv.gz", 9240, 3561, 5679, False),
        ("salvirt_b2b/Salvirt_B2B_ML_dataset.csv", 448, 227, 221, False),
        ("telco_churn/telco_churn.csv.gz", 7043, 5174, 1869, False),
    ],
)
def test_real_sets_are_understood(file: str, deals: int, won: int, lost: int, *, dated: bool) -> None:
    _, reading, _ = guessed(DATA / file)
    log = reading.log
    assert (len(log.deals), int(sum(log.deals.outcome == 1)), int(sum(log.deals.outcome == 2))) == (
        deals,
        won,
        lost,
    )
    assert log.dated is dated
