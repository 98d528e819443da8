"""A few letters find what they should, in Python and through the index of PostgreSQL alike."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any, ClassVar, Final

import pytest
from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from foresail.core.search import MOST_KEYS, keys_of, matches, wanted

# Characters that sound one way wherever they stand, with that way written down here.
SOUNDS: Final = dict(
    zip(
        "深圳启明自动化科技有限公司北京上海电子机械华东新能源苏州工业泵阀广",
        "shen zhen qi ming zi dong hua ke ji you xian gong si bei jing shang hai dian zi ji xie hua dong xin neng "
        "yuan su zhou gong ye beng fa guang".split(),
        strict=True,
    )
)
names = st.text(alphabet="".join(SOUNDS), min_size=1, max_size=12)
words = st.text(alphabet="abcdefgXYZé", min_size=1, max_size=10)
numbers = st.text(alphabet="0123456789", min_size=1, max_size=12)


def spoken(name: str, start: int) -> str:
    return "".join(SOUNDS[letter] for letter in name[start:])


@given(name=names, word=words, number=numbers, drawn=st.data())
def test_what_is_promised_is_found(name: str, word: str, number: str, drawn: st.DataObject) -> None:
    texts = (f"{word}（{name}）", f"No.{number}")
    start = drawn.draw(st.integers(0, len(name) - 1))
    stop = drawn.draw(st.integers(start + 1, len(name)))
    pinyin = spoken(name, start)
    pinyin = pinyin[: drawn.draw(st.integers(1, len(pinyin)))]
    initials = "".join(SOUNDS[letter][0] for letter in name[start:stop])
    begun = word[: drawn.draw(st.integers(1, len(word)))]
    digits = number[: drawn.draw(st.integers(1, len(number)))]
    for query in (name[start:stop], pinyin, initials, begun, digits):
        assert matches(texts, query), query
        assert matches(texts, f" {query.upper()} "), query
    for query in (f"{begun}{name[start:stop]}", f"{name[start:stop]} {digits}", f"{name[start]}{initials}"):
        assert matches(texts, query), query


@given(number=st.text(alphabet="0123456789", min_size=3, max_size=12), drawn=st.data())
def test_three_digits_are_found_inside_a_number(number: str, drawn: st.DataObject) -> None:
    start = drawn.draw(st.integers(0, len(number) - 3))
    assert matches([f"D{number}"], number[start : drawn.draw(st.integers(start + 3, len(number)))])


@given(st.lists(st.text(max_size=80), max_size=4), st.text(max_size=100))
def test_any_text_has_keys_that_can_be_kept(texts: list[str], query: str) -> None:
    keys = keys_of(*texts)
    assert len(keys) <= MOST_KEYS
    assert len(set(keys)) == len(keys)
    for key in [*keys, *wanted(query)]:
        assert -(2**31) <= key < 2**31


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [
        ("启明自动化", ["启", "明自", "启明自动化", "qiming", "qim", "mingz", "qm", "qmzdh", "zdh", "QM", "ｑｉｍｉｎｇ", "启明zdh"],
         ["启动", "iming", "mq", "qmd", "qiming9", "深", "啟明"]),
        ("重庆银行", ["chongqing", "cq", "yinhang", "yh", "cqyh"], ["zhongqing", "zq", "yinxing"]),
        ("曾敏", ["zeng", "zengmin", "zm", "cengmin"], ["zen min g"]),
        ("单雄信", ["shanxiong", "sxx"], ["chan"]),
        ("翟天", ["zhaitian", "zt"], []),
        ("解敏", ["xiemin", "xm", "jm"], []),
        ("长钢重工", ["changgang", "zhanggang", "cgzg", "zhonggong"], ["gangcheng"]),
        ("绿地吕", ["lvdi", "lüdi", "lv"], []),
        ("西安", ["xian", "xi'an", "xa"], ["xia n"]),
        ("𠮷野家", ["yejia", "yj", "𠮷"], []),
        ("カタカナ商事", ["タカ", "shangshi"], []),
        ("ABB中国 iPhone15Pro", ["abb", "ab中国", "iphone15", "pro", "iph", "15p", "zhongguo"], ["bb", "phone", "5"]),
        ("D-2026-00123", ["d-2026", "2026-00", "00123", "123", "d2026", "20"], ["26", "3"]),
        ("138 0013 8000", ["138", "0013", "800"], ["1380"]),
        ("zeng.min@qiming.com", ["zeng.min", "@qiming", "min", "com"], ["eng"]),
        ("Müller ＆ Söhne STRASSE", ["mül", "söh", "straße"], ["müs"]),
        ("启明", ["", "  ", "—"], []),
    ],
)  # fmt: skip
def test_examples(text: str, found: list[str], not_found: list[str]) -> None:
    assert [query for query in found if not matches([text], query)] == []
    assert [query for query in not_found if matches([text], query)] == []


def test_a_long_record_keeps_what_is_written_and_gives_way_in_what_is_heard() -> None:
    long = "".join(chr(0x4E00 + 37 * place) for place in range(80))
    keys = keys_of("启明自动化", long, "D-2026-00123")
    assert len(keys) == MOST_KEYS
    assert {*wanted("启明自动化"), *wanted("qmzdh"), *wanted(long), *wanted("00123")} <= set(keys)


APART = Apps()


class Named(models.Model):
    keys = ArrayField(models.IntegerField())

    objects: ClassVar[models.Manager[Named]] = models.Manager()

    class Meta:
        app_label, apps = "core", APART


def plan(query: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) SELECT id FROM core_named WHERE keys @> %s::integer[]",
            [wanted(query)],
        )
        (told,) = cursor.fetchone()
    (found,) = json.loads(told) if isinstance(told, str) else told
    return dict(found)


@pytest.mark.django_db
def test_the_index_finds_the_same_among_fifty_thousand() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Named)
    chance = random.Random(7)
    places = ["深圳", "重庆", "上海", "苏州", "长沙", "西安", "广州", "Acme ", "北京", "青岛"]
    brands = ["".join(chance.choices("启明华新科金海长安远达天瑞恒泰", k=2)) for _ in range(80)]
    trades = ["自动化", "机械", "银行", "电子科技", "泵业"]
    companies = [
        f"{place}{brand}{trade}有限公司" for place, brand, trade in product(places, set(brands), trades)
    ]
    texts = [(chance.choice(companies), f"D-2026-{number:05}") for number in range(50_000)]
    keys = [keys_of(*text) for text in texts]
    kept = [frozenset(own) for own in keys]
    with connection.cursor() as cursor:
        with cursor.copy("COPY core_named (id, keys) FROM STDIN") as copy:
            for number, own in enumerate(keys):
                copy.write_row((number, own))
        with connection.schema_editor() as editor:
            editor.add_index(Named, GinIndex(fields=["keys"], name="named_by_keys"))
        cursor.execute("ANALYZE core_named")
    selective = [
        "启明",
        "启明银行",
        "qiming",
        "qmzdh",
        "cqqm",
        "00123",
        "49999",
        "chongqingqi",
        "acme 启明",
        "启明yh",
    ]
    for query in [*selective, "启", "q", "sh", "acme", "2026", "d", "深圳", "没有", "xyz", ""]:
        asked = set(wanted(query))
        told = set(Named.objects.filter(keys__contains=wanted(query)).values_list("id", flat=True))
        assert told == {number for number, own in enumerate(kept) if asked <= own}, query
        if query in selective:
            assert told
            assert "named_by_keys" in json.dumps(plan(query)), query
    assert all(matches(text, "启明") == ("启明" in text[0]) for text in texts[:300])
