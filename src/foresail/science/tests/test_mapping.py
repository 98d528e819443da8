"""A mapping is read as written, and what is wrong with it is named with what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresail.science.errors import MappingError
from foresail.science.mapping import (
    DealColumns,
    LogColumns,
    Mapping,
    OutcomeKinds,
    StageRule,
    load_mapping,
    parse_mapping,
)

LOG = '[log]\nfile = "e.csv"\ndeal = "case"\nat = "time"\nkind = "what"\n'
OUTCOME = '[outcome]\nwon = ["W"]\nlost = ["L"]\n'
DEALS = '[deals]\nfile = "d.csv"\nresult = "end"\nwon = ["Won"]\nlost = ["Lost"]\n'


def parse(text: str) -> Mapping:
    return parse_mapping(text, folder=Path("somewhere"))


def test_every_key_is_read() -> None:
    text = (
        LOG + 'known = "k"\nactor = "who"\ndetail = ["step"]\nattributes = ["a", "b"]\ntz = "Asia/Shanghai"\n'
        'separator = ";"\nencoding = "gb18030"\n' + OUTCOME + '[stage]\nprefix = "A_"\n'
        '[deals]\nfile = "d.csv"\ndeal = "id"\nopened = "o"\nclosed = "c"\nresult = "end"\nwon = ["Won"]\n'
        'lost = []\nowner = "rep"\namount = "sum"\nattributes = ["*"]\ntz = "UTC"\n'
    )
    assert parse(text) == Mapping(
        log=LogColumns(
            file="e.csv",
            deal="case",
            at="time",
            known="k",
            kind="what",
            actor="who",
            detail=("step",),
            attributes=("a", "b"),
            tz="Asia/Shanghai",
            separator=";",
            encoding="gb18030",
        ),
        outcome=OutcomeKinds(won=("W",), lost=("L",)),
        stage=StageRule(prefix="A_"),
        deals=DealColumns(
            file="d.csv",
            deal="id",
            opened="o",
            closed="c",
            result="end",
            won=("Won",),
            lost=(),
            owner="rep",
            amount="sum",
            attributes=("*",),
            tz="UTC",
        ),
        folder=Path("somewhere"),
    )
    assert parse(text).zone.key == "Asia/Shanghai"


def test_the_zone_is_utc_unless_named() -> None:
    assert parse(LOG + OUTCOME).zone.key == "UTC"
    assert parse(DEALS + 'tz = "Europe/Paris"\n').zone.key == "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LOG + 'actr = "x"\n' + OUTCOME, ["[log] actr", "unknown", "'actor'"]),
        ('[log]\ndeal = "d"\ntime = "t"\nkind = "k"\n', ["[log] time", "unknown"]),
        ('[log]\ndeal = "d"\nkind = "k"\n' + OUTCOME, ["[log] at", "missing", 'at = "…"']),
        (LOG.replace('"case"', "5") + OUTCOME, ["[log] deal", "5 is no text"]),
        (LOG + 'detail = "step"\n' + OUTCOME, ["[log] detail", 'detail = ["step"]']),
        (LOG + '[outcome]\nwon = [1]\nlost = ["0"]\n', ["[outcome] won", '["1"]']),
        (LOG + '[outcome]\nwon = ["W"]\n', ["[outcome] lost", "missing", "lost = []"]),
        (LOG + "[outcome]\nwon = []\nlost = []\n", ["[outcome] won", "both empty"]),
        (LOG + '[outcome]\nwon = ["W", "X"]\nlost = ["X"]\n', ["'X' is in won and in lost"]),
        (DEALS.replace('"Lost"', '"Won"'), ["[deals] won", "'Won' is in won and in lost"]),
        (DEALS.replace('result = "end"\n', ""), ["[deals] result", "missing"]),
        (LOG + OUTCOME + '[stage]\nprefix = "A"\ncolumn = "s"\n', ["[stage]", "exactly one"]),
        (LOG + OUTCOME + "[stage]\n", ["[stage]", "exactly one"]),
        (LOG + 'tz = "Asia/Shangai"\n' + OUTCOME, ["[log] tz", "'Asia/Shanghai'"]),
        (LOG + 'separator = "--"\n' + OUTCOME, ["[log] separator"]),
        (LOG + 'encoding = "klingon"\n' + OUTCOME, ["[log] encoding", "utf-8"]),
        (LOG + 'encoding = "base64"\n' + OUTCOME, ["[log] encoding"]),
        (LOG + 'attributes = ["*", "x"]\n' + OUTCOME, ["[log] attributes", '["*"]']),
        (LOG + 'detail = ["x", "x"]\n' + OUTCOME, ["[log] detail", "twice"]),
        (LOG + 'actor = ""\n' + OUTCOME, ["[log] actor", "empty"]),
        (LOG, ["nothing says when a deal is won", "[outcome]"]),
        ('[deals]\nfile = "d.csv"\n', ["nothing says when a deal is won", "result"]),
        (OUTCOME, ["[log]", "[deals]"]),
        (DEALS + OUTCOME, ["[outcome]", "needs a table [log]"]),
        (DEALS + 'closed = "c"\n', ["[deals] opened", "missing"]),
        (DEALS + 'opened = "o"\n', ["[deals] closed", "missing"]),
        (LOG + DEALS + 'closed = "c"\n', ["[deals] deal", "missing"]),
        (LOG + DEALS + 'deal = "d"\n', ["[deals] closed", "missing"]),
        ("log = 5\n", ["[log]", "table"]),
        ('[logs]\nfile = "x"\n' + LOG + OUTCOME, ["[logs]", "unknown", "'log'"]),
        ("[log\n", ["not valid TOML"]),
        ("", ["[log]", "[deals]"]),
    ],
)
def test_what_is_wrong_is_named(text: str, said: list[str]) -> None:
    with pytest.raises(MappingError) as caught:
        parse(text)
    for words in said:
        assert words in str(caught.value)


def test_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(LOG + 'kinds = "x"\n', encoding="utf-8")
    with pytest.raises(MappingError, match=r"ours\.toml, \[log\] kinds: .* Did you mean 'kind'\?"):
        load_mapping(path)
    with pytest.raises(MappingError, match=r"absent\.toml cannot be opened"):
        load_mapping(tmp_path / "absent.toml")
    path.write_bytes("[log]\nfile = '商机'".encode("gb18030"))
    with pytest.raises(MappingError, match="not UTF-8"):
        load_mapping(path)


def test_a_mark_at_the_start_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("\ufeff" + LOG + OUTCOME, encoding="utf-8")
    assert load_mapping(path).folder == tmp_path


def test_an_xes_file_has_standard_columns() -> None:
    log = parse('[log]\nfile = "x.xes.gz"\n' + OUTCOME).log
    assert log is not None
    assert (log.deal, log.at, log.kind) == ("case:concept:name", "time:timestamp", "concept:name")


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
several = st.lists(names, unique=True, max_size=3).map(tuple)
maybe = st.none() | names


@given(
    st.builds(LogColumns, file=names, deal=names, at=names, kind=names, known=maybe, detail=several),
    st.lists(names, unique=True, min_size=2, max_size=4),
    st.none() | st.builds(StageRule, column=names),
    st.none()
    | st.builds(DealColumns, deal=names, closed=names, result=names, won=st.just(("a",)), amount=maybe),
)
def test_what_is_written_is_read_again(
    log: LogColumns, outcomes: list[str], stage: StageRule | None, deals: DealColumns | None
) -> None:
    outcome = OutcomeKinds(won=tuple(outcomes[:1]), lost=tuple(outcomes[1:]))
    mapping = Mapping(log=log, outcome=outcome, stage=stage, deals=deals, folder=Path("somewhere"))
    assert parse(mapping.to_toml()) == mapping
