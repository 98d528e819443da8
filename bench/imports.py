"""A file of 100,000 accounts imported by the product, against PostgreSQL's own COPY of the same rows into that table.

`python -m bench.imports 10000` measures a smaller file.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

from bench.figure import Figure, once

ROWS = 100_000
_PLACES = "上海 北京 广州 深圳 杭州 南京 苏州 无锡 宁波 青岛 济南 成都 重庆 武汉 长沙 西安 天津 沈阳 大连 厦门".split()
_LETTERS = "晨光启明星河远大恒信华泰金诚汇丰盛源科锐博雅思创宏达联合安盈百川东方"
_TRADES = "电力 机械 化工 能源 科技 制造 医疗器械 信息技术 新材料 精密仪器".split()
_FORMS = "有限公司 股份有限公司 集团有限公司 有限责任公司".split()


def draw(*, rows: int, seed: int = 1) -> bytes:
    """Return a CSV of accounts with Chinese names, each its own."""
    rng = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < rows:
        middle = "".join(rng.choice(_LETTERS) for _ in range(rng.choice((2, 3, 4))))
        names[f"{rng.choice(_PLACES)}{middle}{rng.choice(_TRADES)}{rng.choice(_FORMS)}"] = None
    lines = ["客户名称,行业,地区,电话,客户级别,成为客户日期,标签"]
    for number, name in enumerate(names):
        day = f"{rng.randint(2010, 2025)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
        level = rng.choice(("战略", "重点", "普通", "小微"))
        phone = f"1{30 + number % 9}{number:08d}"
        lines.append(
            f"{name},{rng.choice(_TRADES)},{rng.choice(_PLACES)},{phone},{level},{day},老客户；{number % 7}"
        )
    return "\n".join(lines).encode()


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


def measure(rows: int = ROWS) -> Iterator[Figure]:
    with installation():
        from django.db import connection

        from foresail.core import clock
        from foresail.crm import services
        from foresail.crm.fields import ACCOUNT
        from foresail.crm.models import Account, Import
        from foresail.people import services as people
        from foresail.people.roles import Role

        now = clock.now()
        people.add_line(name="能源", by=None, at=now)
        user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=now)
        people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=now)
        file = draw(rows=rows)
        of, read = once(
            lambda: services.begin_import(kind=ACCOUNT, pieces=[file], name="accounts.csv", by=user, at=now)
        )
        Import.objects.filter(pk=of.pk).update(status="checking")
        _, checked = once(lambda: services.run_check(key=of.pk))
        of.refresh_from_db()
        services.start_import(of=of, by=user, at=now)
        began = process_time()
        _, seconds = once(lambda: services.run_import(key=of.pk, at=now))
        own = process_time() - began
        of.refresh_from_db()
        assert (of.status, of.added) == ("done", rows), (of.status, of.added, of.rejected)
        Account.objects.filter(tags=[]).exists()
        with connection.cursor() as cursor:
            path = Path(os.environ["FORESAIL_HOME"]) / "rows"
            columns = ", ".join(f'"{f.column}"' for f in Account._meta.concrete_fields)  # noqa: SLF001
            with path.open("wb") as out, cursor.copy(f"COPY crm_account ({columns}) TO STDOUT") as copy:
                for piece in copy:
                    out.write(piece)
            cursor.execute("TRUNCATE crm_account CASCADE")

            def raw() -> None:
                with (
                    path.open("rb") as rows_,
                    cursor.copy(f"COPY crm_account ({columns}) FROM STDIN") as copy,
                ):
                    while piece := rows_.read(1 << 20):
                        copy.write(piece)

            _, peer = once(raw)
        connection.close()
    yield Figure(
        "import_100k", seconds, "s", peer, f"PostgreSQL's COPY of the same rows into that table ({rows:,} rows)",
        at_most=60, bounds_value=True,
    )  # fmt: skip
    yield Figure("import_100k_own_time", own, "s")
    yield Figure("import_100k_read", read, "s")
    yield Figure("import_100k_check", checked, "s")


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS):
        print(
            figure.name,
            round(figure.value, 2),
            figure.unit,
            figure.peer and round(figure.peer, 2),
            figure.against,
        )
