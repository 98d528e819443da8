"""Files of 100,000 accounts, contacts and deals imported by the product, against PostgreSQL's own COPY of the same rows.

The contacts and deals name customers that are not there yet and are made along. `python -m bench.imports 10000`
measures smaller files, `python -m bench.imports 10000 deals` one kind.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from bench.figure import Figure, once

if TYPE_CHECKING:
    from foresail.crm.fields import RecordType
    from foresail.people.models import User

ROWS = 100_000
_PLACES = "上海 北京 广州 深圳 杭州 南京 苏州 无锡 宁波 青岛 济南 成都 重庆 武汉 长沙 西安 天津 沈阳 大连 厦门".split()
_LETTERS = "晨光启明星河远大恒信华泰金诚汇丰盛源科锐博雅思创宏达联合安盈百川东方"
_TRADES = "电力 机械 化工 能源 科技 制造 医疗器械 信息技术 新材料 精密仪器".split()
_FORMS = "有限公司 股份有限公司 集团有限公司 有限责任公司".split()
_FAMILIES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐"
_GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰志强建国文海"
_PEOPLE = 20
"""So many owners stand in the file of deals."""
STAGES = (("qualified", "已确认"), ("quote", "报价"), ("negotiation", "谈判"))


def _names(rng: random.Random, count: int) -> list[str]:
    """Return names of companies, each its own."""
    names: dict[str, None] = {}
    while len(names) < count:
        middle = "".join(rng.choice(_LETTERS) for _ in range(rng.choice((2, 3, 4))))
        names[f"{rng.choice(_PLACES)}{middle}{rng.choice(_TRADES)}{rng.choice(_FORMS)}"] = None
    return list(names)


def person(rng: random.Random) -> tuple[str, str]:
    """Return the name and the job title of somebody."""
    name = rng.choice(_FAMILIES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2))))
    return name, rng.choice(("采购经理", "总工程师", "财务总监", "项目经理", "总经理"))


def draw(*, rows: int, seed: int = 1) -> bytes:
    """Return a CSV of accounts with Chinese names, each its own."""
    rng = random.Random(seed)
    lines = ["客户名称,行业,地区,电话,客户级别,成为客户日期,标签"]
    for number, name in enumerate(_names(rng, rows)):
        day = f"{rng.randint(2010, 2025)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
        level = rng.choice(("战略", "重点", "普通", "小微"))
        phone = f"1{30 + number % 9}{number:08d}"
        lines.append(
            f"{name},{rng.choice(_TRADES)},{rng.choice(_PLACES)},{phone},{level},{day},老客户；{number % 7}"
        )
    return "\n".join(lines).encode()


def draw_contacts(*, rows: int, seed: int = 2) -> bytes:
    """Return a CSV of contacts, five at each customer."""
    rng = random.Random(seed)
    names = _names(rng, max(rows // 5, 1))
    lines = ["客户名称,姓名,职务,手机,电子邮箱,标签"]
    for number in range(rows):
        (name, title), phone = person(rng), f"1{30 + number % 9}{number:08d}"
        lines.append(
            f"{names[number % len(names)]},{name},{title},{phone},p{number}@example.com,展会；{number % 5}"
        )
    return "\n".join(lines).encode()


def draw_deals(*, rows: int, seed: int = 3) -> bytes:
    """Return a CSV of deals, ten for each customer: two thirds have ended, one in ten has no amount."""
    rng = random.Random(seed)
    names = _names(rng, max(rows // 10, 1))
    lines = ["商机编号,商机名称,客户名称,负责人,商机阶段,状态,预计金额,立项日期,结束日期,预计成交日期,标签"]
    for number in range(rows):
        status = rng.choice(("进行中", "赢单", "丢单"))
        opened = f"{rng.randint(2021, 2023)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        closed = (
            f"{rng.randint(2024, 2025)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
            if status != "进行中"
            else ""
        )
        amount = "" if rng.random() < 0.1 else f"{rng.randint(1, 9_999_999)}.{rng.randint(0, 99):02d}"
        name = names[number % len(names)]
        lines.append(
            f"B{number:07d},{name[:6]}{rng.choice(_TRADES)}项目,{name},rep{rng.randrange(_PEOPLE)},"
            f"{rng.choice(STAGES)[1]},{status},{amount},{opened},{closed},2026-12-{rng.randint(1, 28):02d},大单；{number % 5}"
        )
    return "\n".join(lines).encode()


Subject = tuple["RecordType", bytes, Mapping[str, Any]]


def _accounts(rows: int) -> Subject:
    from foresail.crm.fields import ACCOUNT

    return ACCOUNT, draw(rows=rows), {}


def _contacts(rows: int) -> Subject:
    from foresail.crm.fields import CONTACT

    return CONTACT, draw_contacts(rows=rows), {"create_accounts": True}


def _deals(rows: int) -> Subject:
    from foresail.crm.fields import DEAL

    return DEAL, draw_deals(rows=rows), {"create_accounts": True}


SUBJECTS: dict[str, Callable[[int], Subject]] = {
    "accounts": _accounts,
    "contacts": _contacts,
    "deals": _deals,
}
"""By name: the kind of records, the file, and how it is read besides what is guessed."""


@contextmanager
def installation() -> Iterator[None]:
    """Have an empty Foresail of one's own."""
    with tempfile.TemporaryDirectory(prefix="foresail-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ["FORESAIL_HOME"] = folder
        from foresail.core.home import Home
        from foresail.site.ground import ground

        with ground(Home(Path(folder))):
            yield


def prepared(now: datetime) -> User:
    """Return who imports, with a pipeline and the owners that the files name. Done once for an installation."""
    from foresail.crm import services
    from foresail.people import services as people
    from foresail.people.models import User
    from foresail.people.roles import Role

    found = User.objects.filter(email="ops@example.com").first()
    if found is not None:
        return found
    line = people.add_line(name="能源", by=None, at=now)
    team = people.add_team(name="华东", line=line, by=None, at=now)
    stages = [services.StageSpec(key, zh, key, 10) for key, zh in STAGES]
    services.add_pipeline(name="大客户", line=line, stages=stages, by=None, at=now)
    for number in range(_PEOPLE):
        people.add_user(email=f"rep{number}@example.com", name=f"rep{number}", team=team, by=None, at=now)
    user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=now)
    people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=now)
    return user


def measure(rows: int = ROWS, *names: str) -> Iterator[Figure]:
    with installation():
        from django.db import connection

        for name in names or SUBJECTS:
            yield from _measured(name, rows)
        connection.close()


def _measured(name: str, rows: int) -> Iterator[Figure]:
    from django.db import connection

    from foresail.core import clock
    from foresail.crm import services
    from foresail.crm.models import Import

    now = clock.now()
    user = prepared(now)
    kind, file, settings = SUBJECTS[name](rows)
    of, read = once(
        lambda: services.begin_import(kind=kind, pieces=[file], name=f"{name}.csv", by=user, at=now)
    )
    services.configure_import(of=of, settings={**of.settings, **settings}, by=user)
    Import.objects.filter(pk=of.pk).update(status="checking")
    _, checked = once(lambda: services.run_check(key=of.pk))
    of.refresh_from_db()
    services.start_import(of=of, by=user, at=now)
    began = process_time()
    _, seconds = once(lambda: services.run_import(key=of.pk, at=now))
    own = process_time() - began
    of.refresh_from_db()
    assert (of.status, of.added) == ("done", rows), (of.status, of.added, of.rejected)
    peer = _copied(kind)
    services.undo_import(of=of, by=user, at=now)
    _, undone = once(lambda: services.run_undo(key=of.pk, at=now))
    of.refresh_from_db()
    assert (of.status, of.stayed, kind.model.with_deleted.count()) == ("undone", [], 0), (
        of.status,
        of.stayed[:3],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM (ANALYZE)"
        )  # as the server does by itself, or it does so during the next import
    prefix = "import_100k" if name == "accounts" else f"import_100k_{name}"
    yield Figure(
        prefix, seconds, "s", peer, f"PostgreSQL's COPY of the same {name} into that table ({rows:,} rows)",
        at_most=60, bounds_value=True,
    )  # fmt: skip
    yield Figure(f"{prefix}_own_time", own, "s")
    yield Figure(f"{prefix}_read", read, "s")
    yield Figure(f"{prefix}_check", checked, "s")
    yield Figure(f"{prefix}_undo", undone, "s")


def _copied(kind: RecordType) -> float:
    """Return the seconds that PostgreSQL takes to copy the records of a kind into a table made like theirs."""
    from django.db import connection

    table = kind.model._meta.db_table  # noqa: SLF001
    columns = ", ".join(f'"{field.column}"' for field in kind.model._meta.concrete_fields)  # noqa: SLF001
    path = Path(os.environ["FORESAIL_HOME"]) / "rows"
    with connection.cursor() as cursor:
        with path.open("wb") as out, cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
            for piece in copy:
                out.write(piece)
        cursor.execute(f"CREATE TEMP TABLE copied (LIKE {table} INCLUDING INDEXES)")

        def raw() -> None:
            with path.open("rb") as rows_, cursor.copy(f"COPY copied ({columns}) FROM STDIN") as copy:
                while piece := rows_.read(1 << 20):
                    copy.write(piece)

        _, seconds = once(raw)
        cursor.execute("DROP TABLE copied")
    path.unlink()
    return seconds


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS, *sys.argv[2:]):
        print(
            figure.name,
            round(figure.value, 2),
            figure.unit,
            figure.peer and round(figure.peer, 2),
            figure.against,
        )
