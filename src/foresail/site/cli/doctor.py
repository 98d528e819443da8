"""`foresail doctor`: is this machine fit, and if not, what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated, Literal

import typer

from foresail.core.cluster import Cluster, ClusterUnusable
from foresail.core.home import Home
from foresail.core.machine import memory
from foresail.governance import journal
from foresail.science.errors import ScienceError
from foresail.science.openmp import ONE_THREAD, ensure_openmp, load_lightgbm
from foresail.site.backup import AUDIT_HEAD
from foresail.site.cli import screen
from foresail.site.cli.door import AT_FAULT, CommandError
from foresail.site.cli.language import pick, t
from foresail.site.cli.options import Json
from foresail.site.cli.outputs import STDOUT, check_files, make_folder, write_json
from foresail.site.ground import RESTORED, cluster_of, set_up

Level = Literal["ok", "warn", "fail"]

OLDEST_PYTHON = (3, 11)
LITTLE_MEMORY, TOO_LITTLE_MEMORY = 4.0, 1.0  # GiB: a backtest of 200,000 events takes up to two
LITTLE_DISK, TOO_LITTLE_DISK = 2.0, 0.1
_STYLES: dict[Level, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_MARKS: dict[Level, str] = {"ok": "✓", "warn": "!", "fail": "✗"}


@dataclass(frozen=True)
class Check:
    """One line of the examination. `advice` says what to do, empty where all is well."""

    name: str
    level: Level
    found: str
    advice: str = ""


def run(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="opt.doctor_out")] = Path("out"),
    json: Json = None,
) -> None:
    check_files(json)
    show = screen.Screen(to_stderr=json == STDOUT)
    checks = []
    for check in examine(out=out):
        checks.append(check)
        show.say(
            f"{_MARKS[check.level]} {t(f'doctor.{check.name}')}: {check.found}", style=_STYLES[check.level]
        )
        if check.advice:
            show.say(f"  → {check.advice}")
    if json is not None:
        write_json(json, [vars(check) for check in checks])
    failed = any(check.level == "fail" for check in checks)
    show.say(t("doctor.unfit") if failed else t("doctor.fit"), style="bold")
    if failed:
        raise typer.Exit(AT_FAULT)


def examine(*, out: Path) -> Iterator[Check]:
    """Examine this machine line by line; reports are to be written to `out`."""
    yield _python()
    yield _packages()
    openmp = _tried("openmp", ensure_openmp)
    yield openmp
    if openmp.level == "ok":
        yield _tried("lightgbm", _train_tiny_model)
    yield _memory()
    cores = _cores()
    yield (
        Check("cores", "ok", str(cores)) if cores > 1 else Check("cores", "warn", "1", t("doctor.cores.one"))
    )
    yield _folder(out)
    yield _disk(out)
    home = Home.of_environment(os.environ)
    cluster = cluster_of(home)
    if home.folder.is_dir() and not _same_disk(home.folder, out):
        yield _disk(home.folder)
    yield _database(cluster)
    if cluster is None or cluster.running:  # looking starts nothing
        yield _audit(home)
    yield _journal(home)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Check("python", "ok", found)
    return Check("python", "fail", found, t("doctor.python.old"))


def _packages() -> Check:
    try:
        needed = [text for text in requires("foresail") or () if "extra ==" not in text]
    except PackageNotFoundError:
        return Check("packages", "warn", t("doctor.unknown"), t("doctor.packages.unknown"))
    names = [re.split(r"[^\w-]", text, maxsplit=1)[0] for text in needed]
    missing = []
    for name in names:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", "fail", ", ".join(missing), t("doctor.packages.missing"))
    return Check("packages", "ok", ", ".join(f"{name} {version(name)}" for name in names))


def _tried(name: str, work: Callable[[], object]) -> Check:
    try:
        work()
    except ScienceError as error:
        return Check(name, "fail", t("doctor.fails"), str(error))
    except Exception as error:  # noqa: BLE001  # whatever is wrong, the doctor goes on and says so
        return Check(name, "fail", f"{type(error).__name__}: {error}", t(f"doctor.{name}.fails"))
    return Check(name, "ok", t("doctor.works"))


def _train_tiny_model() -> None:
    # Imported here: a machine that lacks them shall hear so in a sentence.
    import numpy as np  # noqa: PLC0415

    lightgbm = load_lightgbm()
    values = np.arange(200.0).reshape(100, 2)
    data = lightgbm.Dataset(values, values[:, 0] > 100, params=ONE_THREAD)
    booster = lightgbm.train(ONE_THREAD | {"objective": "binary"}, data, 2)
    if not np.isfinite(np.asarray(booster.predict(values, **ONE_THREAD))).all():
        raise ArithmeticError(t("doctor.lightgbm.nonsense"))


def _memory() -> Check:
    found = memory()
    if found is None:
        return Check("memory", "warn", t("doctor.unknown"), t("doctor.memory.unknown"))
    return _sized("memory", found / 2**30, little=LITTLE_MEMORY, too_little=TOO_LITTLE_MEMORY)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _folder(out: Path) -> Check:
    existed = out.exists()
    try:
        make_folder(out)
    except CommandError as error:
        return Check("folder", "fail", str(out), str(error))
    if not existed:
        out.rmdir()
    return Check("folder", "ok", str(out.resolve()))


def _disk(out: Path) -> Check:
    free = shutil.disk_usage(_existing(out)).free / 2**30
    return _sized("disk", free, little=LITTLE_DISK, too_little=TOO_LITTLE_DISK)


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == _existing(other).stat().st_dev


def _existing(folder: Path) -> Path:
    return next(each for each in (folder.resolve(), *folder.resolve().parents) if each.is_dir())


def _database(cluster: Cluster | None) -> Check:
    """Say whether the embedded database can be used, and whether an upgrade has left data of another version behind."""
    if cluster is None:
        return Check("database", "ok", "DATABASE_URL")
    try:
        found = f"PostgreSQL {cluster.major}, {cluster.folder}"
        stranded = cluster.stranded
    except ClusterUnusable as error:
        return Check("database", "warn", t("doctor.fails"), pick(error.zh, error.en))
    except OSError as error:
        return Check("database", "warn", f"{cluster.folder}: {error.strerror}", t("doctor.database.closed"))
    if stranded and not cluster.data.exists():
        return Check("database", "fail", found, t("doctor.database.stranded", major=stranded[-1]))
    return Check("database", "ok", found)


def _audit(home: Home) -> Check:
    """Follow the audit trail's chain from end to end, on from the head that the last examination wrote down."""
    from django.db import DatabaseError, connection  # noqa: PLC0415  only where there is a database to look at
    from psycopg.errors import UndefinedTable  # noqa: PLC0415

    noted = home.folder / AUDIT_HEAD
    try:
        set_up()
        from foresail.governance.queries import Head, verify  # noqa: PLC0415  models need Django set up

        verdict = verify(expected_head=Head(*json.loads(noted.read_text())) if noted.exists() else None)
    except DatabaseError as error:
        if (
            isinstance(error.__cause__, UndefinedTable)
            and not noted.exists()
            and not connection.introspection.table_names()
        ):
            return Check("audit", "ok", t("doctor.audit.none"))
        return Check("audit", "fail", t("doctor.fails"), str(error).strip())
    if verdict.broken:
        return Check("audit", "fail", verdict.broken.because, t("doctor.audit.broken"))
    if os.access(home.folder, os.W_OK):
        noted.write_text(json.dumps(verdict.head))
    return Check("audit", "ok", t("doctor.audit.whole", rows=f"{verdict.rows:,}"))


def _journal(home: Home) -> Check:
    """Say how many erasures a restored backup would be made to go through again, and whether that is still to be done."""
    count = f"{len(journal.told(home.folder / journal.FILE)):,}"
    if (home.folder / RESTORED).exists():
        return Check("journal", "warn", t("doctor.journal.count", count=count), t("doctor.journal.waiting"))
    return Check("journal", "ok", t("doctor.journal.count", count=count))


def _sized(name: str, size: float, *, little: float, too_little: float) -> Check:
    level: Level = "fail" if size < too_little else "warn" if size < little else "ok"
    return Check(
        name,
        level,
        f"{size:.1f} GiB",
        "" if level == "ok" else t(f"doctor.{name}.little", least=f"{little:g}"),
    )
