"""Reading files: every format, every reason to set a row aside, and no row lost without a word."""

import gzip
import io
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.science.errors import MappingError, ReadError, TooManyRejects
from foresail.science.log import DealLog
from foresail.science.mapping import load_mapping, parse_mapping
from foresail.science.reading import REASONS, Reading, read_log
from foresail.science.reading.rows import amounts, number_or_text
from foresail.science.reading.times import parse_times
from foresail.science.time import NEVER, to_datetime, to_instant

DATA = Path(__file__).parents[5] / "shared" / "data"
BERLIN, SHANGHAI, ZULU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")

LOG = '[log]\nfile = "e.csv"\ndeal = "case"\nat = "time"\nkind = "what"\n'
ENDS = '[outcome]\nwon = ["won"]\nlost = ["lost"]\n'
DEALS = (
    '[deals]\nfile = "d.csv"\ndeal = "id"\nopened = "from"\nclosed = "to"\nresult = "end"\n'
    'won = ["Won"]\nlost = ["Lost"]\n'
)
EVENTS = "case,time,what,who,size\nd1,2024-01-01,call,Li,5\nd1,2024-01-05,won,Li,6\nd2,2024-01-02,call,Wu,7\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Write files, then read them by a mapping."""

    def reader(mapping: str, *, allow_rejects: bool = False, **files: str | bytes) -> Reading:
        for name, content in files.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_log(mapping=parse_mapping(mapping, folder=tmp_path), allow_rejects=allow_rejects)

    return reader


def same(one: DealLog, other: DealLog) -> bool:
    """Whether two logs are the same, byte for byte."""
    deals = ("ids", "opened", "closed", "outcome", "owner", "amount")
    events = ("deal", "at", "known", "kind", "actor", "stage")
    return (
        all(
            np.array_equal(getattr(one.deals, f), getattr(other.deals, f), equal_nan=f == "amount")
            for f in deals
        )
        and all(np.array_equal(getattr(one.events, f), getattr(other.events, f)) for f in events)
        and one.deals.attributes.equals(other.deals.attributes)
        and (one.events.kinds, one.deals.owners, one.end)
        == (other.events.kinds, other.deals.owners, other.end)
    )


def at(*moment: int) -> int:
    return to_instant(datetime(*moment, tzinfo=UTC), zone=ZULU)  # type: ignore[misc,arg-type]


# --- times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2011-10-01T00:38:44.546+02:00", "2011-09-30T22:38:44.546"),
        ("2011-10-01T00:38:44.123456789-0330", "2011-10-01T04:08:44.123456"),
        ("2011-10-01 00:38:44 +02:00", "2011-09-30T22:38:44"),
        ("2011-10-01T00:38:44,5Z", "2011-10-01T00:38:44.5"),
        (" 2011-10-01T00:38Z ", "2011-10-01T00:38"),
        ("20111001T003844Z", "2011-10-01T00:38:44"),
        ("2011-10-01", "2011-09-30T22:00"),
        ("20111001", "2011-09-30T22:00"),
        ("2011/10/01 00:38", "2011-09-30T22:38"),
        ("2011/1/5 9:03:07", "2011-01-05T08:03:07"),
        ("2011.1.5", "2011-01-04T23:00"),
        ("2011年1月5日", "2011-01-04T23:00"),
        ("2011年1月5日 9时3分", "2011-01-05T08:03"),
        ("2024-03-31 02:30", "2024-03-31T01:30"),  # skipped by the clocks
        ("2024-10-27 02:30", "2024-10-27T00:30"),  # comes twice
        ("2011-02-30", None),
        ("2011-10-01T25:00:00Z", None),
        ("10/01/2011", None),
        ("1317422324", None),
        ("1317422324123", None),
        ("9999-12-31", None),
        ("0001-01-01", None),
        ("+2011- 1-05", None),
        ("2011-10-01T9+08", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, expected: str | None) -> None:
    instant = None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert parse_times(pl.Series([text]), zone=BERLIN).to_list() == [instant]
    mixed = pl.Series(["2020-01-01T00:00:00Z", "2020/1/1", None, text, "2020-01-01 00:00"])
    assert parse_times(mixed, zone=BERLIN)[3] == instant


moments = st.datetimes(datetime.fromisoformat("1900-01-03"), datetime.fromisoformat("2099-12-29"))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(moments, st.none() | offsets, st.sampled_from("T ")), min_size=1, max_size=20))
def test_iso_times_are_read_as_python_reads_them(
    written: list[tuple[datetime, timezone | None, str]],
) -> None:
    texts = [moment.replace(tzinfo=offset).isoformat(sep=mark) for moment, offset, mark in written]
    expected = [to_instant(moment.replace(tzinfo=offset), zone=BERLIN) for moment, offset, _ in written]
    parsed = parse_times(pl.Series(texts), zone=BERLIN)
    assert parsed.dt.epoch("us").to_list() == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("0123456789-/:.TZ+ 年月日时分", max_size=24), max_size=8))
def test_no_text_breaks_the_parser_and_neighbours_do_not_matter(texts: list[str]) -> None:
    together = parse_times(pl.Series(texts, dtype=pl.String), zone=SHANGHAI).to_list()
    alone = [parse_times(pl.Series([text]), zone=SHANGHAI)[0] for text in texts]
    assert together == alone


def test_typed_times_are_read() -> None:
    noon = datetime.fromisoformat("2024-01-05T12:00")
    for column in (pl.Series([noon]), pl.Series([noon]).cast(pl.Datetime("ns"))):
        assert parse_times(column, zone=SHANGHAI).to_list() == [datetime(2024, 1, 5, 4, tzinfo=UTC)]
    aware = pl.Series([noon]).dt.replace_time_zone("Asia/Tokyo")
    assert parse_times(aware, zone=SHANGHAI).to_list() == [datetime(2024, 1, 5, 3, tzinfo=UTC)]
    assert parse_times(pl.Series([date(2024, 1, 5)]), zone=SHANGHAI)[0] == datetime(
        2024, 1, 4, 16, tzinfo=UTC
    )
    assert parse_times(pl.Series([20240105]), zone=ZULU)[0] == datetime(2024, 1, 5, tzinfo=UTC)


# --- values -----------------------------------------------------------------------------------------


def test_numbers_stay_numbers_and_words_stay_words() -> None:
    assert number_or_text(pl.Series(["1", " 2.5", None, "-3e2"])).to_list() == [1.0, 2.5, None, -300.0]
    assert number_or_text(pl.Series(["1", "None", "Select"])).to_list() == ["1", "None", "Select"]
    assert number_or_text(pl.Series(["1", "inf"])).dtype == pl.String
    assert number_or_text(pl.Series([True, None])).to_list() == [1.0, None]


def test_amounts_may_have_a_currency_and_commas() -> None:
    texts = pl.Series(["1,234,567.5", "¥ 1,200", "USD 30", "$5", "-7", "1,5", "many", None])
    assert amounts(texts).to_list() == [1234567.5, 1200.0, 30.0, 5.0, -7.0, None, None, None]


# --- events -----------------------------------------------------------------------------------------


def test_events_make_deals(read: Callable[..., Reading]) -> None:
    reading = read(LOG + 'actor = "who"\nattributes = ["size"]\n' + ENDS, e=EVENTS)
    deals, events = reading.log.deals, reading.log.events
    assert deals.ids.tolist() == ["d1", "d2"]
    assert deals.opened.tolist() == [at(2024, 1, 1), at(2024, 1, 2)]
    assert deals.closed.tolist() == [at(2024, 1, 5), NEVER]
    assert deals.outcome.tolist() == [1, 0]
    assert deals.attributes["size"].to_list() == [5.0, 7.0]
    assert [events.kinds[kind] for kind in events.kind] == ["call", "call"]  # the close itself is dropped
    assert events.actors == ("Li", "Wu")
    assert (len(reading.rejects), reading.duplicates) == (0, 0)


def test_the_first_outcome_by_when_it_was_known_closes_the_deal(read: Callable[..., Reading]) -> None:
    rows = (
        "case,time,seen,what\nd,2024-01-01,,call\nd,2024-01-02,2024-01-09,won\nd,2024-01-03,2024-01-04,lost\n"
    )
    log = read(LOG + 'known = "seen"\n' + ENDS, e=rows).log
    assert (log.deals.outcome.tolist(), log.deals.closed.tolist()) == ([2], [at(2024, 1, 4)])
    early = "case,time,seen,what\nd,2024-01-05,2024-01-02,won\n"  # known before it happened: it counts then
    assert read(LOG + 'known = "seen"\n' + ENDS, e=early).log.deals.closed.tolist() == [at(2024, 1, 5)]


def test_outcomes_and_stages_match_the_bare_or_the_joined_kind(read: Callable[..., Reading]) -> None:
    rows = (
        "case,time,what,step,note\na,2024-01-01,S_one,begin,\na,2024-01-02,S_two,,x\na,2024-01-03,end,yes,\n"
        "b,2024-01-01,S_one,begin,\nb,2024-01-03,end,no,\n"
    )
    ends = '[outcome]\nwon = ["end|yes"]\nlost = ["end"]\n'
    head = LOG + 'detail = ["step", "note"]\n' + ends
    by_prefix = read(head + '[stage]\nprefix = "S_"\n', e=rows).log
    assert by_prefix.deals.outcome.tolist() == [1, 2]
    assert by_prefix.events.kinds == ("S_one|begin", "S_two|x", "end|no", "end|yes")
    assert by_prefix.events.stages == ("S_one", "S_two")
    by_kinds = read(head + '[stage]\nkinds = ["S_one|begin"]\n', e=rows).log.events
    assert (by_kinds.stages, by_kinds.stage.tolist()) == (("S_one",), [0, -1, 0])
    by_column = read(head + '[stage]\ncolumn = "step"\n', e=rows).log.events
    assert [by_column.stages[stage] if stage >= 0 else None for stage in by_column.stage] == [
        "begin",
        None,
        "begin",
    ]


def test_attributes_come_from_the_first_event(read: Callable[..., Reading]) -> None:
    rows = "time,case,what,size,deal\n2024-01-02,d,call,9,n\n2024-01-01,d,mail,,m\n2024-01-03,e,call,7,\n"
    attributes = read(LOG + 'attributes = ["*"]\n' + ENDS, e=rows).log.deals.attributes
    assert attributes.to_dict(as_series=False) == {"deal_": ["m", None], "size": [None, 7.0]}


def test_an_attribute_called_owner_or_amount_is_the_owner_or_amount(read: Callable[..., Reading]) -> None:
    rows = 'case,time,what,owner,amount\nd,2024-01-01,call,Li,"1,000"\n'
    deals = read(LOG + 'attributes = ["owner", "amount"]\n' + ENDS, e=rows).log.deals
    assert (deals.owners, deals.amount.tolist(), deals.attributes.width) == (("Li",), [1000.0], 0)


def test_rows_that_cannot_be_read_are_named(read: Callable[..., Reading], tmp_path: Path) -> None:
    rows = (
        'case,time,seen,what\n"d\n1",2024-01-01,,call\n,2024-01-01,,call\n\nd2,,,call\nd2,soon,,call\n'
        f"d2,2024-01-01,{'x' * 120},call\nd2,2024-01-01,,\nd2,2024-01-01,,call,more\nd2,2024-01-01,,call,\n"
    )
    mapping = LOG + 'known = "seen"\n' + ENDS
    reading = read(mapping, e=rows, allow_rejects=True)
    assert reading.rejects.rows() == [
        (4, "case", None, "deal_missing", "e.csv"),
        (6, "time", None, "time_missing", "e.csv"),
        (7, "time", "soon", "time_unreadable", "e.csv"),
        (8, "seen", "x" * 100, "time_unreadable", "e.csv"),
        (9, "what", None, "kind_missing", "e.csv"),
        (10, None, "more", "cells_surplus", "e.csv"),
    ]
    assert reading.log.deals.ids.tolist() == ["d\n1", "d2"]
    assert set(reading.rejects["why"]) <= set(REASONS)
    reading.write_rejects(tmp_path / "rejects.csv")
    assert pl.read_csv(tmp_path / "rejects.csv").equals(reading.rejects)
    with pytest.raises(
        TooManyRejects, match=r"6 of 8 rows of e\.csv .*2 × time_unreadable.*line 4, column 'case'"
    ):
        read(mapping, e=rows)


def test_five_percent_of_rejects_are_allowed(read: Callable[..., Reading]) -> None:
    good = "".join(f"d{number},2024-01-01,call\n" for number in range(19))
    assert len(read(LOG + ENDS, e="case,time,what\n" + good + "x,,call\n").rejects) == 1
    with pytest.raises(TooManyRejects):
        read(LOG + ENDS, e="case,time,what\n" + good + "x,,call\ny,,call\n")


def test_identical_rows_count_once(read: Callable[..., Reading]) -> None:
    rows = "case,time,what,note\n" + "d,2024-01-01,call,\n" * 3 + "d,2024-01-01,call,other\n"
    reading = read(LOG + ENDS, e=rows)
    assert (reading.duplicates, len(reading.log.events)) == (2, 2)


def test_what_the_mapping_names_and_never_occurs_is_noticed(read: Callable[..., Reading]) -> None:
    reading = read(LOG + '[outcome]\nwon = ["Won"]\nlost = ["lost"]\n[stage]\nprefix = "S_"\n', e=EVENTS)
    assert [notice.en for notice in reading.notices] == [
        "The mapping names 'Won', which never occurs in the data. Did you mean 'won'?",
        "The mapping names 'lost', which never occurs in the data.",
        "The mapping names 'S_', which never occurs in the data.",
    ]


events = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(
            ["2024-01-01", "2024-01-02T10:00:00+08:00", "2024/1/2 2:00", "2024-01-03 05:00:00.25"]
        ),
        st.sampled_from(["call", "mail", "won", "lost"]),
        st.sampled_from(["", "1", "2", "x"]),
    ),
    min_size=1,
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(rows=events, randomness=st.randoms(use_true_random=False))
def test_any_order_of_the_rows_gives_the_same_log(
    read: Callable[..., Reading], rows: list[tuple[str, ...]], randomness: object
) -> None:
    def written(order: list[tuple[str, ...]]) -> str:
        return "case,time,what,size\n" + "".join(",".join(row) + "\n" for row in order)

    mapping = LOG + 'attributes = ["size"]\n' + ENDS
    shuffled = list(rows)
    randomness.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = read(mapping, e=written(rows)), read(mapping, e=written(shuffled))
    assert same(one.log, other.log)
    assert one.duplicates == other.duplicates


# --- deals ------------------------------------------------------------------------------------------

TABLE = (
    "id,from,to,end,rep,sum,kind\nd1,2024-01-01,2024-02-01,Won,Li,100,x\nd2,2024-01-03,2024-01-02,Lost,Wu,,y\n"
    "d3,2024-01-05,2099-01-01,Talking,Li,7,x\nd4,,,New,Li,,\nd5,,2024-05-01,New,Li,,\n"
)


def test_a_table_of_deals_stands_alone(read: Callable[..., Reading]) -> None:
    extra = 'owner = "rep"\namount = "sum"\nattributes = ["*"]\n'
    reading = read(DEALS + extra, d=TABLE)
    deals = reading.log.deals
    assert deals.ids.tolist() == ["d1", "d2", "d3"]
    assert deals.outcome.tolist() == [1, 2, 0]
    assert deals.opened.tolist() == [at(2024, 1, 1), at(2024, 1, 3), at(2024, 1, 5)]
    assert deals.closed.tolist() == [at(2024, 2, 1), at(2024, 1, 3), NEVER]  # d2 closes as it opens
    assert [deals.owners[owner] for owner in deals.owner] == ["Li", "Wu", "Li"]
    np.testing.assert_array_equal(deals.amount, [100.0, np.nan, 7.0])
    assert deals.attributes.to_dict(as_series=False) == {"kind": ["x", "y", "x"]}
    assert {notice.code: notice.count for notice in reading.notices} == {
        "deals_not_opened": 2,
        "closed_before_opened": 1,
    }
    assert len(reading.rejects) == 0


def test_deals_that_cannot_be_read_are_named(read: Callable[..., Reading]) -> None:
    rows = (
        "id,from,to,end\nd1,2024-01-01,2024-02-01,Won\n,2024-01-01,,Talking\nd2,sometime,,Talking\n"
        "d3,2024-01-01,,Lost\nd4,2024-01-01,then,Won\nd5,,2024-02-01,Won\nd6,2024-01-01,whenever,Talking\n"
        "d1,2024-01-02,2024-02-01,Won\nd1,2024-01-01,2024-02-01,Won\n"
    )
    reading = read(DEALS, d=rows, allow_rejects=True)
    assert reading.rejects.drop("file").rows() == [
        (3, "id", None, "deal_missing"),
        (4, "from", "sometime", "time_unreadable"),
        (5, "to", None, "closed_missing"),
        (6, "to", "then", "time_unreadable"),
        (7, "from", None, "opened_missing"),
        (9, "id", "d1", "duplicate_deal"),
    ]
    assert reading.duplicates == 1
    assert reading.log.deals.ids.tolist() == ["d1", "d6"]


def test_which_of_two_rows_of_a_deal_is_kept_does_not_depend_on_their_order(
    read: Callable[..., Reading],
) -> None:
    one, two = "d1,2024-01-01,2024-02-01,Won\n", "d1,2024-01-02,2024-02-01,Lost\n"
    logs = [
        read(DEALS, d="id,from,to,end\n" + rows, allow_rejects=True).log for rows in (one + two, two + one)
    ]
    assert same(*logs)
    assert logs[0].deals.opened.tolist() == [at(2024, 1, 1)]


def test_without_dates_there_are_outcomes_only(read: Callable[..., Reading]) -> None:
    text = '[deals]\nfile = "d.csv"\nresult = "end"\nwon = ["1"]\nlost = ["0"]\nattributes = ["*"]\n'
    reading = read(text, d="a,end\nx,1\ny,0\nx,1\nz,\n")
    log = reading.log
    assert (log.dated, log.deals.ids.tolist()) == (False, ["1", "2", "3", "4"])
    assert log.deals.outcome.tolist() == [1, 2, 1, 0]
    assert set(log.deals.opened) | set(log.deals.closed) == {NEVER}
    assert reading.duplicates == 1  # counted, and kept: without an id they may be two deals


def test_events_and_deals_together(read: Callable[..., Reading]) -> None:
    table = "id,from,to,end,size\nd1,2023-12-31,2024-01-03,Lost,1\nd2,,,Talking,2\nd7,,,Talking,3\nd8,2024-01-01,,Won,4\n"
    rows = EVENTS + "d8,2024-01-02,call,Li,\nd9,2024-01-02,call,Li,9\n"
    mapping = LOG + 'attributes = ["size"]\n' + ENDS + DEALS + 'attributes = ["size"]\n'
    reading = read(mapping, e=rows, d=table, allow_rejects=True)
    deals = reading.log.deals
    assert deals.ids.tolist() == ["d1", "d2", "d9"]  # d7 has not opened; d8 was refused, with its events
    assert deals.opened.tolist() == [at(2023, 12, 31), at(2024, 1, 2), at(2024, 1, 2)]
    assert deals.closed.tolist() == [at(2024, 1, 3), NEVER, NEVER]  # the earlier of the two closings
    assert deals.outcome.tolist() == [2, 0, 0]
    assert deals.attributes["size"].to_list() == [1.0, 2.0, None]
    assert reading.rejects.rows() == [(5, "to", None, "closed_missing", "d.csv")]
    assert {notice.code: notice.count for notice in reading.notices if notice.code != "value_unseen"} == {
        "deals_not_opened": 1,
        "outcomes_disagree": 1,
        "deals_absent": 1,
    }


# --- files ------------------------------------------------------------------------------------------


def test_every_format_gives_the_same_log(read: Callable[..., Reading], tmp_path: Path) -> None:
    mapping = LOG + 'actor = "who"\nattributes = ["size"]\n' + ENDS
    expected = read(mapping, e=EVENTS).log
    written = {
        "marked": b"\xef\xbb\xbf" + EVENTS.encode(),
        "windows": EVENTS.replace("\n", "\r\n").encode(),
        "semicolons": EVENTS.replace(",", ";").encode(),
        "tabs": EVENTS.replace(",", "\t").encode(),
        "bars": EVENTS.replace(",", "|").encode(),
        "wide": EVENTS.encode("utf-16"),
        "zipped": gzip.compress(EVENTS.encode()),
    }
    parquet = io.BytesIO()
    frame = pl.read_csv(EVENTS.encode(), try_parse_dates=True)
    frame.with_columns(nested=pl.lit([1]), case=pl.col("case").cast(pl.Categorical)).write_parquet(parquet)
    written["columns"] = parquet.getvalue()
    for name, content in written.items():
        assert same(read(mapping, e=content).log, expected), name
        path = tmp_path / name
        path.write_bytes(content)
        given_path = read_log(mapping=parse_mapping(mapping, folder=tmp_path / "nowhere"), path=path)
        assert same(given_path.log, expected), name


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_files_are_read(read: Callable[..., Reading], encoding: str) -> None:
    text = "商机编号,时间,动作,跟进人\n甲-1,2024年1月5日 9时3分,电话,王芳\n甲-1,2024/1/6 9:00,赢单,王芳\n"
    mapping = (
        '[log]\nfile = "e.csv"\ndeal = "商机编号"\nat = "时间"\nkind = "动作"\nactor = "跟进人"\n'
        'tz = "Asia/Shanghai"\n[outcome]\nwon = ["赢单"]\nlost = []\n'
    )
    log = read(mapping, e=text.encode(encoding)).log
    assert (log.deals.ids.tolist(), log.events.actors) == (["甲-1"], ("王芳",))
    assert to_datetime(int(log.deals.closed[0]), zone=SHANGHAI).isoformat() == "2024-01-06T09:00:00+08:00"


def test_a_named_encoding_and_separator_win(read: Callable[..., Reading]) -> None:
    text = "case;time;what\nd,1;2024-01-01;caf\u00e9\n"
    log = read(LOG + 'encoding = "latin-1"\nseparator = ";"\n' + ENDS, e=text.encode("latin-1")).log
    assert (log.deals.ids.tolist(), log.events.kinds) == (["d,1"], ("caf\u00e9",))
    with pytest.raises(ReadError, match=r"not text in ascii|not well-formed"):
        read(LOG + 'encoding = "ascii"\n' + ENDS, e=text.encode("latin-1"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"case,time,what\n", "a header and no rows"),
        (b"case,time,what\n\n,,\n", "no row with anything"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x7fELF\x00\x00", "neither CSV"),
        (b"PAR1 but not really", "damaged"),
        (b'case,time,what\nd,2024-01-01,"call\nd,2024-01-01,call\n', "near line 2"),
        (gzip.compress(os.urandom(3000))[:-900], "damaged after"),
        (b"\x1f\x8bnothing", "damaged"),
        (b"case,time,what\n\x81\x00\xff,x,y\n", "neither CSV|not text"),
        (b"case,time,what\nd\xff\xff,x,y\n", "not text in gb18030"),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    read: Callable[..., Reading], content: bytes, said: str
) -> None:
    with pytest.raises(ReadError, match=said):
        read(LOG + ENDS, e=content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(',;"\n\r\tdcall0-1234 ', max_size=60).map(str.encode) | st.binary(max_size=60))
def test_no_file_breaks_the_reader(read: Callable[..., Reading], content: bytes) -> None:
    for start in (b"", b"case,time,what\n", b"<log>", b"\x1f\x8b", b"PAR1"):
        try:
            reading = read(LOG + ENDS, e=start + content, allow_rejects=True)
        except (ReadError, MappingError):
            continue
        assert len(reading.log.deals)


def test_one_row_is_a_log(read: Callable[..., Reading]) -> None:
    log = read(LOG + ENDS, e="case,time,what\nd,2024-01-01,call").log
    assert (len(log.deals), len(log.events), log.end) == (1, 1, at(2024, 1, 1))


def test_no_readable_row_is_an_error(read: Callable[..., Reading]) -> None:
    with pytest.raises(ReadError, match=r"No row of e\.csv"):
        read(LOG + ENDS, e="case,time,what\nd,,call\n", allow_rejects=True)


@pytest.mark.parametrize("squeeze", [gzip.compress, bytes])
def test_no_more_than_the_limit_is_read(tmp_path: Path, squeeze: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes(squeeze(b"case,time,what\n" + b"d,2024-01-01,call\n" * 200_000))
    for extra in ("", 'encoding = "utf-8"\n'):
        mapping = parse_mapping(LOG + extra + ENDS, folder=tmp_path)
        with pytest.raises(ReadError, match="more than 1,000,000 bytes"):
            read_log(mapping=mapping, max_bytes=1_000_000)


def test_missing_files_and_columns_are_named(read: Callable[..., Reading], tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"no file .*e\.csv"):
        read(LOG + ENDS)
    with pytest.raises(MappingError, match=r"\[log\] file: is missing"):
        read(LOG.replace('file = "e.csv"\n', "") + ENDS)
    with pytest.raises(
        MappingError, match=r"\[log\] at = 'times', .*Did you mean 'time'\? .*case, time, what, who"
    ):
        read(LOG.replace('"time"', '"times"') + ENDS, e=EVENTS)
    for extra, said in (('detail = ["x"]', "detail"), ('attributes = ["x"]', "attributes")):
        with pytest.raises(MappingError, match=rf"\[log\] {said} = 'x'"):
            read(LOG + extra + "\n" + ENDS, e=EVENTS)
    with pytest.raises(MappingError, match=r"\[deals\] result = 'end'"):
        read(DEALS, d="id,from,to\n1,2024-01-01,\n")
    with pytest.raises(ReadError):
        read_log(mapping=parse_mapping(LOG + ENDS, folder=tmp_path), path=tmp_path)


def test_progress_ends_at_one_and_never_goes_back(tmp_path: Path) -> None:
    shares: list[float] = []
    (tmp_path / "e.csv").write_bytes(gzip.compress(EVENTS.encode()))
    (tmp_path / "d.csv").write_text("id,from,to,end\nd1,2024-01-01,2024-02-01,Won\n", encoding="utf-8")
    mapping = parse_mapping(LOG + ENDS + DEALS, folder=tmp_path)
    read_log(mapping=mapping, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0] > 0, shares[-1]) == (True, 1.0)


# --- real data --------------------------------------------------------------------------------------


@pytest.mark.skipif(not DATA.exists(), reason="the shared data sets are not on this machine")
def test_real_sets_are_read_whole() -> None:
    bank = read_log(mapping=load_mapping(DATA / "bpic12" / "mapping.toml"))
    assert (len(bank.log.deals), len(bank.rejects), bank.duplicates) == (9842, 0, 0)
    maven = read_log(mapping=load_mapping(DATA / "maven_crm" / "mapping.toml"))
    assert np.bincount(maven.log.deals.outcome).tolist() == [1589, 4238, 2473]
    assert [(notice.code, notice.count) for notice in maven.notices] == [("deals_not_opened", 500)]
    assert len(maven.rejects) == 0
