"""What `science` must not do, beyond the imports that the contracts forbid."""

import ast
import csv
import gzip
import re
from pathlib import Path

import pytest

from tests.architecture.repository import DATA, PACKAGE, ROOT, dotted_names, sources

CLOCKS = {
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
    "time.ctime", "time.gmtime", "time.localtime", "time.time", "time.time_ns",
}  # fmt: skip
PICKLES = {"cloudpickle", "dill", "joblib.dump", "joblib.load", "marshal", "pickle", "shelve"}


def uses(code: str, forbidden: set[str]) -> list[int]:
    """Return the lines of `code` that use a name in `forbidden`, or something inside it."""
    return sorted(
        {
            line
            for name, line in dotted_names(ast.parse(code))
            if any(name == f or name.startswith(f + ".") for f in forbidden)
        }
    )


def breaches(folder: Path, forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources(folder)
        for line in uses(path.read_text(encoding="utf-8"), forbidden)
    ]


def test_science_reads_no_clock() -> None:
    assert breaches(PACKAGE / "science", CLOCKS) == []


def test_science_prints_nothing() -> None:
    assert breaches(PACKAGE / "science", {"print", "sys.stdout", "sys.stderr"}) == []


def test_nothing_is_pickled() -> None:
    assert breaches(PACKAGE, PICKLES) == []
    for path in sources(PACKAGE):
        assert not re.search(r"allow_pickle\s*=\s*True|\.(to|read)_pickle\b", path.read_text("utf-8")), path


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.time()",
        "from time import time as tick\n\ntick()",
        "import datetime\nx = datetime.datetime.now",
        "from datetime import datetime as dt\nf(dt.utcnow())",
        "from datetime import date\ndate.today()",
    ],
)
def test_a_clock_is_found_under_any_name(code: str) -> None:
    assert uses(code, CLOCKS)


@pytest.mark.parametrize("code", ["time = 3\ntime.hour", "def f(now): return now.time()", "t.time_ns"])
def test_other_things_named_time_are_no_clock(code: str) -> None:
    assert not uses(code, CLOCKS)


def headers(path: Path) -> list[str]:
    read = gzip.decompress if path.suffix == ".gz" else bytes
    line = read(path.read_bytes()).split(b"\n", 1)[0].decode("utf-8-sig").strip()
    return next(csv.reader([line], delimiter=";" if line.count(";") > line.count(",") else ","))


# Words that any CRM export or event log has: a guess of what a column means may know them.
COMMON = {"case_id", "close_date", "customer_id", "deal_stage", "opportunity_id"}


def is_distinctive(name: str) -> bool:
    """Whether `name` is made of several words, so that finding it in the code is no accident."""
    return bool(re.search(r"[a-z\d][ _][A-Za-z]|[a-z][A-Z]", name)) and name not in COMMON


def test_hindsight_is_found_by_what_columns_do_not_by_their_names() -> None:
    if not DATA.is_dir():
        pytest.skip("the public data sets are not beside this repository")
    names = {name.strip() for path in sorted(DATA.rglob("*.csv*")) for name in headers(path)}
    distinctive = sorted(filter(is_distinctive, names))
    assert len(distinctive) > 80, "the headers were not read"
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(PACKAGE / "science")
        for name in distinctive
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert found == []
