"""XES is read as a stream; what could do harm or is broken is refused with the place."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from foresail.science.errors import ReadError
from foresail.science.mapping import parse_mapping
from foresail.science.reading import Reading, read_log
from foresail.science.reading.xes import read_xes

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
)
LOG = (
    HEAD
    + """<global scope="event"><string key="concept:name" value="GLOBAL"/></global>
<string key="concept:name" value="the log"/>
<trace>
 <string key="concept:name" value="d1"/>
 <int key="amount" value="5"><string key="inner" value="no"/></int>
 <string key="org:resource" value="desk"/>
 <event><string key="concept:name" value="asked"/><date key="time:timestamp" value="2024-01-01T08:00:00+08:00"/>
  <string key="org:resource" value="Li"/><list key="l"><string key="deep" value="no"/></list></event>
 <event><string key="concept:name" value="won &amp; done"/>
  <date key="time:timestamp" value="2024-01-03T08:00:00.5Z"/></event>
</trace>
<trace><string key="concept:name" value="d2"/>
 <event><string key="concept:name" value="asked"/><date key="time:timestamp" value="gestern"/></event>
 <event><string key="concept:name" value="asked"/><date key="time:timestamp" value="2024-01-02"/></event>
</trace>
</log>
"""
)
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE log [\n<!ENTITY a "lol">\n'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">\n' for a, b in zip("abcdef", "bcdefg", strict=True))
    + ']>\n<log><trace><string key="concept:name" value="&g;"/></trace></log>'
)


def read(path: Path, *, allow_rejects: bool = False, extra: str = "") -> Reading:
    text = f'[log]\nfile = "{path.name}"\n{extra}[outcome]\nwon = ["won & done"]\nlost = []\n'
    return read_log(mapping=parse_mapping(text, folder=path.parent), allow_rejects=allow_rejects)


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_a_log_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(LOG.encode()) if name.endswith(".gz") else LOG.encode())
    extra = 'attributes = ["amount", "case:org:resource"]\nactor = "org:resource"\n'
    reading = read(path, allow_rejects=True, extra=extra)
    log = reading.log
    assert log.deals.ids.tolist() == ["d1", "d2"]
    assert log.deals.outcome.tolist() == [1, 0]
    assert log.events.kinds == ("asked", "won & done")
    assert log.events.actors == ("Li",)
    assert log.deals.amount[0] == 5.0
    assert log.deals.attributes.to_dict(as_series=False) == {
        "case:org:resource": ["desk", None],
    }
    assert reading.rejects.rows() == [(15, "time:timestamp", "gestern", "time_unreadable", name)]


def test_attributes_have_their_keys_as_columns(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(LOG, encoding="utf-8")
    frame, lines = read_xes(path, max_bytes=10_000)
    assert frame.columns == [
        "concept:name",
        "time:timestamp",
        "org:resource",
        "case:concept:name",
        "amount",
        "case:org:resource",
    ]
    assert lines.tolist() == [9, 11, 15, 16]
    assert frame.schema.dtypes() == [pl.String] * 6
    assert frame["case:org:resource"].to_list() == ["desk", "desk", None, None]


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xes"
    path.write_text(BOMB, encoding="utf-8")
    with pytest.raises(ReadError, match="document type or an entity at line 2"):
        read(path)


def test_a_document_type_is_refused_even_without_entities(tmp_path: Path) -> None:
    path = tmp_path / "typed.xes"
    path.write_text('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', encoding="utf-8")
    with pytest.raises(ReadError, match="document type"):
        read(path)


def test_broken_xml_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.xes"
    path.write_text(LOG[: LOG.index("</trace>")], encoding="utf-8")
    with pytest.raises(ReadError, match=r"broken XML at line 13, column \d+"):
        read(path)


def test_cut_off_gzip_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "cut.xes.gz"
    path.write_bytes(gzip.compress(LOG.encode())[:-20])
    with pytest.raises(ReadError, match=r"damaged after [\d,]+ decompressed bytes"):
        read(path)


def test_other_xml_and_a_log_without_events_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.xes"
    path.write_text("<html></html>", encoding="utf-8")
    with pytest.raises(ReadError, match="root is <html>"):
        read(path)
    path.write_text("<log/>", encoding="utf-8")
    with pytest.raises(ReadError, match="no rows"):
        read(path)


def test_a_large_log_is_stopped_while_streaming(tmp_path: Path) -> None:
    path = tmp_path / "large.xes.gz"
    path.write_bytes(gzip.compress(HEAD.encode() + b" " * 5_000_000 + b"</log>"))
    with pytest.raises(ReadError, match="more than 1,000,000 bytes"):
        read_xes(path, max_bytes=1_000_000)


def test_one_endless_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "endless.xes.gz"
    start = HEAD.encode() + b'<trace><string key="concept:name" value="'
    path.write_bytes(gzip.compress(start + b"x" * 20_000_000 + b'"/></trace></log>'))
    with pytest.raises(ReadError, match="one value of more than"):
        read_xes(path, max_bytes=1 << 30)


def test_much_white_space_is_no_value(tmp_path: Path) -> None:
    path = tmp_path / "spaced.xes.gz"
    path.write_bytes(gzip.compress(LOG.replace("<trace>", "<trace>" + " " * 12_000_000).encode()))
    assert len(read_xes(path, max_bytes=1 << 30)[0]) == 4
