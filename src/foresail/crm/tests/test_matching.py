"""Which records are of one customer: names, numbers and addresses as people write them, weighed without labels."""

from __future__ import annotations

from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import duplicates as febrl
from bench.figure import Skipped
from foresail.crm import matching
from foresail.crm.matching import normal
from foresail.crm.matching.finding import without_shared
from foresail.crm.matching.reasons import sentence

BEGIN = ("晨", "锐", "同", "华", "远", "中", "天", "海", "金", "新", "恒", "德", "博", "立", "汇", "鼎")
END = ("光", "航", "辉", "腾", "景", "合", "宇", "川", "泰", "源", "信", "瑞", "达", "邦", "联", "创")
TRADE = ("电力", "机械", "光伏", "科技", "材料", "能源", "电子", "环保", "物流", "医药")


def table(kind: str, records: list[dict[str, str]]) -> pl.DataFrame:
    rows = [{"key": key} | matching.row_of(kind, record) for key, record in enumerate(records, start=1)]
    columns = dict.fromkeys(matching.row_of(kind, {}), pl.String)
    return pl.DataFrame(rows, schema=pl.Schema({"key": pl.Int64, **columns}))


def companies(count: int) -> list[dict[str, str]]:
    """Return companies that all differ, with other numbers, domains and names."""
    chance = Random(5)
    cores = [a + b + c for a in BEGIN for b in END for c in TRADE]
    return [
        {
            "name": f"{chance.choice(['上海', '苏州', '深圳', ''])}{core}有限公司",
            "phone": f"021-6{chance.randrange(10**7):07}",
            "domain": f"c{number}.com.cn",
        }
        for number, core in enumerate(chance.sample(cores, count))
    ]


@pytest.mark.parametrize(
    ("name", "core", "place"),
    [
        ("上海晨光电力有限公司", "晨光电力", "上海"),
        ("晨光电力（上海）股份有限公司", "晨光电力", "上海"),
        ("晨光电力集团", "晨光电力", ""),
        ("ＡＢＣ　Ｔｏｏｌｓ Co., Ltd.", "abctools", ""),
        ("abc tools", "abctools", ""),
        ("中国石化集团公司", "石化", ""),
        ("上海有限公司", "上海", ""),
        ("江苏省苏州市锐航精密机械有限责任公司", "锐航精密机械", "苏州"),
        ("(株)", "株", ""),
        ("", "", ""),
    ],
)
def test_a_company_without_form_and_place(name: str, core: str, place: str) -> None:
    assert normal.company(name)[1:] == (core, place)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    for kind in matching.SPECS:
        row = matching.row_of(
            kind, dict.fromkeys(("name", "company", "phone", "email", "code", "domain"), text)
        )
        assert all(value is None or value for value in row.values())
        assert all(len(key) <= 300 for key in matching.keys_of(kind, row))


@pytest.mark.parametrize(
    ("one", "other", "reason_zh", "reason_en"),
    [
        (
            {"name": "上海晨光电力有限公司", "phone": "（021）6543 2100"},
            {"name": "晨光电力股份有限公司（上海）", "phone": "+86 21 65432100"},
            "名称仅差公司后缀或地名；名称中地名相同；电话相同",
            "names differ only in legal form or place; same place in the name; same phone",
        ),
        (
            {"name": "苏州锐航机械", "code": "91110000600037341L"},
            {"name": "锐航精密（常州）有限公司", "code": "91110000600037341l", "domain": "ruihang.com"},
            "统一社会信用代码相同；名称不同；名称中地名不同",
            "same credit code; names differ; another place in the name",
        ),
    ],
)
def test_accounts_with_their_reasons(
    one: dict[str, str], other: dict[str, str], reason_zh: str, reason_en: str
) -> None:
    pairs = matching.find(table("account", [one, *companies(60), other]), matching.SPECS["account"])
    (pair,) = [each for each in pairs if each.left == 1]
    assert pair.right == 62
    reasons = matching.reasons_of("account", pair.outcomes)
    assert sentence(reasons, chinese=True) == reason_zh
    assert sentence(reasons, chinese=False) == reason_en


def test_companies_of_one_name_in_two_places_are_two() -> None:
    rows = [{"name": "上海晨光电力有限公司"}, {"name": "北京晨光电力有限公司"}, *companies(300)]
    pairs = matching.find(table("account", rows), matching.SPECS["account"])
    assert not [pair for pair in pairs if (pair.left, pair.right) == (1, 2)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("李小明", "138 0013 8000", "", "晨光电力"), ("李小明", "+8613800138000", "", ""), True),
        (("李小明", "", "li.ming@example.com", ""), ("Xiaoming Li", "", "Li.Ming+x@example.com", ""), True),
        (
            ("李小明", "", "", "上海晨光电力有限公司"),
            ("李晓明 先生", "13800138000", "", "晨光电力（上海）"),
            True,
        ),
        (("李小明", "", "", "上海晨光电力有限公司"), ("李小明", "13800138000", "", "晨光电力（上海）"), True),
        (("李小明", "", "", "晨光电力"), ("李小明", "", "", "锐航机械"), False),
        (("李小明", "", "lixm@cg.cn", "晨光电力"), ("李小明", "", "lixm@rh.cn", "锐航机械"), False),
        (
            ("李小明", "13800138000", "a@x.cn", "晨光电力"),
            ("王芳", "13912345678", "b@x.cn", "晨光电力"),
            False,
        ),
    ],
)
def test_people(one: tuple[str, ...], other: tuple[str, ...], *, same: bool) -> None:
    chance = Random(3)
    others = [
        {"name": f"{chance.choice(BEGIN)}{chance.choice(END)}{chance.choice(BEGIN)}", "phone": f"139{n:08}",
         "email": f"p{n}@firm{n}.cn", "company": f"{chance.choice(BEGIN)}{chance.choice(END)}{n}厂"}
        for n in range(150)
    ]  # fmt: skip
    told = [dict(zip(("name", "phone", "email", "company"), each, strict=True)) for each in (one, other)]
    pairs = matching.find(table("contact", [*told, *others]), matching.SPECS["contact"])
    assert ((1, 2) in {(pair.left, pair.right) for pair in pairs}) == same


def test_a_switchboard_makes_nobody_the_same() -> None:
    colleagues = [
        {
            "name": f"{BEGIN[n % 16]}{END[n // 16]}",
            "phone": "021-65432100",
            "company": "晨光电力",
            "email": f"a{n}@x.cn",
        }
        for n in range(60)
    ]
    assert matching.find(table("contact", colleagues), matching.SPECS["contact"]) == []
    shared = table("account", [{"name": f"甲乙{n}", "phone": "400-800-1234"} for n in range(30)])
    assert without_shared(shared, matching.SPECS["account"])["phone"].null_count() == 30


def test_copies_among_many_are_found_and_the_order_changes_nothing() -> None:
    """300 companies, 30 of them entered twice by somebody else; what they share teaches nothing wrong."""
    chance = Random(9)
    originals = companies(300)
    copies = []
    for record in chance.sample(originals, 30):
        core = normal.company(record["name"]).core
        copies.append(
            {"name": f"{core}股份有限公司"} | {k: record[k] for k in chance.sample(["phone", "domain"], 1)}
        )
    rows = [*originals, *copies]
    true = {
        (originals.index(record) + 1, 301 + place)
        for place, copy in enumerate(copies)
        for record in originals
        if normal.company(record["name"]).core == normal.company(copy["name"]).core
    }
    whole = table("account", rows)
    pairs = matching.find(whole, matching.SPECS["account"])
    found = {(pair.left, pair.right) for pair in pairs}
    assert len(true) == 30
    assert found == true
    again = matching.find(whole.sample(fraction=1.0, shuffle=True, seed=1), matching.SPECS["account"])
    assert again == pairs


TEXTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            ["上海晨光电力有限公司", "晨光电力", "北京晨光电力集团", "锐航机械", "晨光电力设备"]
        ),
        "phone": st.sampled_from(["", "021-65432100", "13800138000"]),
        "domain": st.sampled_from(["", "chenguang.com", "ruihang.cn"]),
        "code": st.sampled_from(["", "91110000600037341L"]),
    }
)


@settings(max_examples=15)
@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_one_record_alone_is_weighed_as_all_are(others: list[dict[str, str]], new: dict[str, str]) -> None:
    spec = matching.SPECS["account"]
    whole = table("account", [new, *others])
    model = matching.Model(records=400, u={"name": {"same": 3e-5, "form": 4e-5, "near": 9e-4}})
    rows: list[dict[str, Any]] = whole.to_dicts()
    alone = matching.weigh(rows[0], rows[1:], spec, model=model, likely=0.5)
    among = [pair for pair in matching.find(whole, spec, model=model, likely=0.5) if pair.left == 1]
    assert [(p.right, p.outcomes) for p in alone] == [(p.right, p.outcomes) for p in among]
    assert [p.weight for p in alone] == pytest.approx([p.weight for p in among])
    met = set(matching.keys_of("account", rows[0]))
    assert all(met.intersection(matching.keys_of("account", rows[pair.right - 1])) for pair in alone)


def test_persons_entered_badly_are_found_without_labels() -> None:
    try:
        records, true = febrl.read()
    except Skipped as reason:
        pytest.skip(str(reason))
    found = {(pair.left, pair.right) for pair in matching.find(records, febrl.PEOPLE)}
    precision, recall, f1 = febrl.quality(found, true)
    assert (round(precision, 3), round(recall, 3), round(f1, 3)) == (1.0, 0.989, 0.994)
    _, _, plain = febrl.quality(febrl.equal(records, ("given_name", "surname", "date_of_birth")), true)
    assert plain < 0.46
