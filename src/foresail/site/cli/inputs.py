"""From the files named on the command line to a log that has been read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from os.path import relpath
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from foresail.science.describe import Guess, guess_mapping
from foresail.science.errors import TooManyRejects
from foresail.science.log import DealLog
from foresail.science.mapping import Mapping, load_mapping, parse_mapping
from foresail.science.reading import REASONS, Reading, read_log
from foresail.science.time import to_datetime, to_instant
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError, Misuse
from foresail.site.cli.language import pick, t
from foresail.site.cli.outputs import atomic

_NOTED = 3


@dataclass(frozen=True, kw_only=True)
class Source:
    """A log and where it came from. `seconds` is how long reading took."""

    reading: Reading
    name: str
    mapping_name: str
    seconds: float

    @property
    def log(self) -> DealLog:
        """The log itself."""
        return self.reading.log


def open_mapping(*, path: Path, log: Path | None) -> Mapping:
    """Load the mapping at `path`, and make sure that its files, or `log` in their stead, are there.

    Raises CommandError for a file that is absent or a folder, Misuse where no file is named at all.
    """
    require_file(path, missing="error.no_mapping")
    mapping = load_mapping(path)
    if log is not None:
        require_file(log, missing="error.no_log")
    elif not any(table and table.file for table in (mapping.log, mapping.deals)):
        raise Misuse(t("error.which_log", mapping=path))
    for file in files_of(mapping, log=log):
        require_file(file, missing="error.no_log")
    return mapping


def files_of(mapping: Mapping, *, log: Path | None) -> list[Path]:
    """Return the files that will be read: those of the mapping, `log` in the place of the first."""
    named = [table.file for table in (mapping.log, mapping.deals) if table is not None]
    paths = [mapping.folder / file if file else None for file in named]
    if log is not None:
        paths[0] = log
    return [path for path in paths if path is not None]


def require_file(path: Path, *, missing: str) -> None:
    """Raise CommandError unless `path` is a file; the text `missing` is for one that is not there."""
    if path.is_dir():
        raise CommandError(t("error.folder_given", path=path))
    if not path.exists():
        raise CommandError(t(missing, path=path))


def read(
    *,
    mapping: Mapping,
    mapping_name: str,
    log: Path | None,
    allow_rejects: bool,
    rejects: Path | None = None,
    report: screen.Report,
) -> Source:
    """Read the log, write the rows set aside to `rejects` if that is given, and note what is odd."""
    begun = perf_counter()
    step = t("step.read")
    try:
        reading = read_log(
            mapping=mapping, path=log, allow_rejects=allow_rejects, progress=lambda share: report(step, share)
        )
    except TooManyRejects as error:
        raise CommandError(t("error.rejects", why=error)) from error
    if rejects is not None:
        with atomic(rejects) as part:
            reading.write_rejects(part)
    return Source(
        reading=reading,
        name=", ".join(path.name for path in files_of(mapping, log=log)),
        mapping_name=mapping_name,
        seconds=perf_counter() - begun,
    )


def say_rejects(source: Source, *, rejects: Path | None) -> None:
    """Say on stderr how many rows were set aside and why, and what else reading brought to light."""
    table = source.reading.rejects
    if len(table):
        counts = table["why"].value_counts(sort=True).head(_NOTED)
        why = ", ".join(f"{pick(*REASONS[code])} × {count:,}" for code, count in counts.iter_rows())
        where = t("note.rejects.file", path=rejects) if rejects else t("note.rejects.hint")
        screen.note(t("note.rejects", n=f"{len(table):,}", why=why) + where)
    for notice in source.reading.notices:
        screen.note(pick(notice.zh, notice.en))


def guess(log: Path, *, beside: Path | None = None) -> tuple[Guess, Mapping, str]:
    """Guess a mapping of `log`: the guess, the mapping ready for use, and its text with `log` relative to `beside`."""
    require_file(log, missing="error.no_log")
    found = guess_mapping(log)
    mapping = parse_mapping(found.mapping_toml, folder=log.parent)
    if beside is None:
        return found, mapping, found.mapping_toml
    file = relpath(log.resolve(), beside.resolve())
    if mapping.log is not None:
        moved = replace(mapping, log=replace(mapping.log, file=file))
    else:
        assert mapping.deals is not None
        moved = replace(mapping, deals=replace(mapping.deals, file=file))
    return found, mapping, moved.to_toml()


def day_after(log: DealLog) -> date:
    """Return the first day, in the log's zone, that the log knows nothing of."""
    return to_datetime(log.end, zone=log.zone).date() + timedelta(days=1)


def moment_in(moment: date | datetime | int, log: DealLog) -> datetime:
    """Return a day's midnight, or an instant, as a time in the log's zone."""
    if isinstance(moment, int):
        return to_datetime(moment, zone=log.zone)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=log.zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=log.zone)


def instant_of(moment: datetime) -> int:
    """Return an aware time in microseconds since 1970, as `science` counts."""
    return to_instant(moment, zone=ZoneInfo("UTC"))
