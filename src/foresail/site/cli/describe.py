"""`foresail describe`: what is in a log, what is wrong with it, and a mapping if there is none yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from foresail.science.describe import Description, Guess, describe
from foresail.science.errors import ScienceError
from foresail.science.hindsight import Hindsight, find_hindsight
from foresail.site.cli import inputs, screen
from foresail.site.cli.door import CommandError, Misuse
from foresail.site.cli.inputs import Source
from foresail.site.cli.language import pick, t
from foresail.site.cli.options import AllowRejects, Json, Log
from foresail.site.cli.outputs import STDOUT, check_files, write_json, write_text

_SHOWN = 8


def run(
    log: Log = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="opt.mapping_or_guess", show_default=False),
    ] = None,
    write_mapping: Annotated[
        Path | None,
        typer.Option("--write-mapping", metavar="FILE", help="opt.write_mapping", show_default=False),
    ] = None,
    json: Json = None,
    allow_rejects: AllowRejects = False,
) -> None:
    if mapping is None and log is None:
        raise Misuse(t("error.log_or_mapping"))
    if mapping is not None and write_mapping is not None:
        raise Misuse(t("error.mapping_and_guess"))
    check_files(write_mapping, json, inputs=[log, mapping])
    show = screen.Screen(to_stderr=json == STDOUT)
    guess = None
    if mapping is None:
        assert log is not None
        guess, understood, text = inputs.guess(log, beside=write_mapping.parent if write_mapping else None)
        show_guess(guess, text=text, show=show)
        if write_mapping is not None:
            write_text(write_mapping, text)
            show.wrote(t("describe.wrote_mapping"), write_mapping)
    else:
        understood = inputs.open_mapping(path=mapping, log=log)
    try:
        with screen.progress() as report:
            source = inputs.read(
                mapping=understood,
                mapping_name=mapping.name if mapping else t("describe.guessed"),
                log=log,
                allow_rejects=allow_rejects,
                report=report,
            )
            report(t("step.describe"), 0.0)
            description = describe(source.reading)
            hindsight = find_hindsight(source.log)
    except (CommandError, ScienceError) as error:
        if guess is None:
            raise
        raise CommandError(t("error.guess_unfit", why=error)) from error
    if json is not None:
        write_json(json, as_json(description, hindsight, guess))
    show_description(source, description, hindsight, show=show)


def as_json(
    description: Description, hindsight: tuple[Hindsight, ...], guess: Guess | None
) -> dict[str, Any]:
    """Return what was found, and the guess if one was made."""
    found = description.to_dict()
    found["hindsight"] = [
        {"column": one.column, "code": one.code, "zh": one.why_zh, "en": one.why_en} for one in hindsight
    ]
    found["guess"] = guess and {
        "mapping": guess.mapping_toml,
        "confidence": guess.confidence,
        "questions": [{"zh": one.zh, "en": one.en} for one in guess.questions],
    }
    return found


def show_guess(guess: Guess, *, text: str, show: screen.Screen) -> None:
    """Print the guessed mapping and what a person should check in it."""
    show.say(t("describe.guess"), style="bold")
    show.say(text.rstrip())
    if guess.questions:
        show.say(t("describe.questions"), style="bold")
        for question in guess.questions:
            show.say(f"  ? {pick(question.zh, question.en)}", style="yellow")
    show.say()


def show_description(
    source: Source, found: Description, hindsight: tuple[Hindsight, ...], *, show: screen.Screen
) -> None:
    """Print what the log holds and what is odd about it."""
    numbers = {name: f"{getattr(found, name):,}" for name in ("deals", "events", "open", "won", "lost")}
    period = "–"
    if found.first and found.last:
        period = t("describe.period", first=found.first[:10], last=found.last[:10], zone=found.zone)
    facts = [
        (t("describe.deals"), t("describe.deals.of", **numbers)),
        (t("describe.events"), numbers["events"]),
        (t("describe.time"), period),
        *(
            (t(f"describe.{name}"), _most(getattr(found, name)))
            for name in ("kinds", "stages", "actors", "owners")
        ),
        *((t(f"describe.lasts.{side}"), _lasts(found.durations[side])) for side in ("won", "lost")),
        (t("describe.missing"), _missing(found.missing)),
    ]
    show.table(
        title=t("describe.title", log=source.name),
        columns=[("", "left"), ("", "left")],
        rows=[(name, value) for name, value in facts if value],
    )
    inputs.say_rejects(source, rejects=None)
    odd = [pick(one.zh, one.en) for one in found.findings]
    odd += [t("describe.hindsight", column=one.column, why=pick(one.why_zh, one.why_en)) for one in hindsight]
    show.say(t("describe.findings") if odd else t("describe.no_findings"), style="bold")
    for text in odd:
        show.say(f"  • {text}")


def _most(counts: dict[str, int]) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:_SHOWN])
    return shown + (t("describe.more", n=len(counts) - _SHOWN) if len(counts) > _SHOWN else "")


def _lasts(quantiles: dict[str, float] | None) -> str:
    if quantiles is None:
        return ""
    return t(
        "describe.lasts.of",
        low=f"{quantiles['0.1']:.0f}",
        mid=f"{quantiles['0.5']:.0f}",
        high=f"{quantiles['0.9']:.0f}",
    )


def _missing(shares: dict[str, float]) -> str:
    most = sorted(((share, name) for name, share in shares.items() if share > 0), reverse=True)
    shown = ", ".join(f"{name} {share:.0%}" for share, name in most[:_SHOWN])
    return shown + (t("describe.more", n=len(most) - _SHOWN) if len(most) > _SHOWN else "")
