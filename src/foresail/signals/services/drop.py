"""The drop folder: a file that is put into FORESAIL_HOME/drop/SOURCE is brought as the system, then moved aside.

Whoever can write there is trusted with what the files say, and with nothing else: links are not followed, folders not
entered, what is not a file is left alone, and no name becomes anything but the end of a name.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from foresail.core import sheets
from foresail.core.clock import ZONE
from foresail.core.errors import Refusal
from foresail.signals.channels import channels
from foresail.signals.services.files import bring_now

STILL: Final = timedelta(seconds=30)
"""So long nobody has written to a file that is whole."""
KEPT: Final = timedelta(days=7)
DONE: Final = "done"
FAILED: Final = "failed"
_UNDER_WAY: Final = re.compile(r"(?i).*\.(part|partial|tmp|temp|crdownload|download|filepart|swp)|[.~].*|.*~")
"""What programs call a file that they still write, or do not show."""
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)")
_PIECE: Final = 1 << 20
LONGEST: Final = 150
"""Bytes of a name that are kept: with what stands before and behind it, systems take 255."""


def look_in_drop(*, at: datetime) -> int:
    """Bring what lies in the drop folder; return how many files that were. One that was cut off goes on where it was."""
    brought = 0
    for source in channels():
        for path in _whole(_prepared(source), at=at):
            brought += _bring(path, source, at=at)
    return brought


def forget_dropped(*, at: datetime) -> None:
    """Delete what was moved aside a week ago: people's data lies there."""
    for aside in (DONE, FAILED):
        for path in _files(_root() / aside):
            with suppress(OSError):
                if path.lstat().st_ctime < (at - KEPT).timestamp():
                    path.unlink()


def _root() -> Path:
    return Path(settings.HOME.folder) / "drop"


def _prepared(name: str) -> Path:
    folder = _root() / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder, in the order of their names; no links, nor what lies in folders."""
    if folder.is_symlink() or not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        found = sorted(Path(each.path) for each in entries if each.is_file(follow_symlinks=False))
    yield from found


def _whole(folder: Path, *, at: datetime) -> Iterator[Path]:
    """Yield the files that nobody has touched for a while."""
    for path in _files(folder):
        with suppress(OSError):
            held = path.lstat()
            if (
                not _UNDER_WAY.fullmatch(path.name)
                and max(held.st_mtime, held.st_ctime) <= (at - STILL).timestamp()
            ):
                yield path


def _bring(path: Path, source: str, *, at: datetime) -> bool:
    """Bring one file and move it aside, with a report beside it; return whether it was there still."""
    try:
        of = bring_now(
            source=source, pieces=_pieces(path), name=path.name, day=_day_in(path.name, at=at), by=None, at=at
        )
    except FileNotFoundError:
        return False
    except Refusal as refusal:
        _aside(path, source, FAILED, {"code": refusal.code, "zh": refusal.zh, "en": refusal.en}, at=at)
    except OSError as error:
        why = {
            "code": "unreadable",
            "zh": f"文件无法读取：{error.strerror}。",
            "en": f"It cannot be read: {error.strerror}.",
        }
        _aside(path, source, FAILED, why, at=at)
    else:
        counts = {"rows": of.rows, **of.counts}
        _aside(path, source, DONE, counts | {"file": of.pk, "rows_wrong": of.wrong}, at=at)
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield what is in a file, if it is one still. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileNotFoundError(path)
        while piece := file.read(_PIECE):
            yield piece


def _day_in(name: str, *, at: datetime) -> date | None:
    """Return the day that a name carries, such as 2026-11-20 fair.csv: where no column holds times, it is that day's."""
    with suppress(ValueError):
        if found := _DAY.search(name):
            day = date.fromisoformat(found[1])
            return day if day <= at.astimezone(ZONE).date() else None
    return None


def _aside(path: Path, source: str, where: str, report: dict[str, Any], *, at: datetime) -> None:
    """Move a file, and say beside it what became of it. One that somebody took away meanwhile is theirs."""
    folder, called = _prepared(where), sheets.name_of(path.name).encode()[-LONGEST:].decode(errors="ignore")
    numbered = (
        folder / f"{at:%Y%m%dT%H%M%S}{f'-{number}' if number else ''} {source} {called}"
        for number in itertools.count()
    )
    target = next(each for each in numbered if not os.path.lexists(each))
    with suppress(FileNotFoundError):
        path.rename(target)
        beside = target.with_name(f"{target.name}.report.json")
        beside.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
