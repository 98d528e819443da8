"""What signals do in the background: adding up within a second, bringing files, and their nights."""

from __future__ import annotations

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.signals import services


@app.task(name="signals.add_up", queue="scoring", retry=RETRY)
def add_up() -> None:
    """Add up until nothing is left that came in."""
    while services.add_up():
        pass


@app.periodic(cron="* * * * *")
@app.task(name="signals.add_up_left", queue="default", queueing_lock="signals.add_up_left", retry=RETRY)
def add_up_left(timestamp: int) -> None:
    """Add up what nobody called for: whoever took it in was killed before it could. Nor may files stay that are stale."""
    del timestamp
    services.drop_stale()
    add_up()


@app.task(name="signals.write_months", queue="default", retry=RETRY)
def write_months() -> None:
    """Write the files of months of evidence that are over, where there is none any more."""
    services.write_months(at=clock.now())


@app.task(name="signals.judge_all", queue="default", retry=RETRY)
def judge_all() -> None:
    """Judge all that is known anew."""
    services.judge_all(at=clock.now())


@app.task(name="signals.sum_all", queue="default", retry=RETRY)
def sum_all() -> None:
    """Make all sums anew."""
    services.write_months(at=clock.now())
    services.sum_all()


@app.periodic(cron="20 2 * * *")
@app.task(name="signals.forget_old", queue="default", queueing_lock="signals.forget_old", retry=RETRY)
def forget_old(timestamp: int) -> None:
    """Erase signals whose time is over."""
    del timestamp
    services.forget_old(at=clock.now())


@app.periodic(cron="50 18 * * *")
@app.task(name="signals.nightly", queue="default", queueing_lock="signals.nightly", retry=RETRY)
def nightly(timestamp: int) -> None:
    """Find out who visitors are whom nobody knew when they told; judge all anew, in case anything was missed."""
    del timestamp
    services.resolve_again(at=clock.now())
    services.judge_all(at=clock.now())


@app.task(name="signals.bring_file", queue="default", retry=RETRY)
def bring_file(key: int) -> None:
    services.run_file(key=key, at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(
    name="signals.look_in_drop",
    queue="default",
    queueing_lock="signals.look_in_drop",
    lock="signals.drop",
    retry=RETRY,
)
def look_in_drop(timestamp: int) -> None:
    """Bring the files that were put into the drop folder."""
    del timestamp
    services.look_in_drop(at=clock.now())


@app.periodic(cron="35 2 * * *")
@app.task(name="signals.forget_files", queue="default", queueing_lock="signals.forget_files", retry=RETRY)
def forget_files(timestamp: int) -> None:
    """Let go of files that nobody started, and of those that lay in the drop folder."""
    del timestamp
    services.forget_files(at=clock.now())
    services.forget_dropped(at=clock.now())


@app.periodic(cron="20 19 * * 6")  # early on Sunday where we are
@app.task(name="signals.learn_weights", queue="default", queueing_lock="signals.learn_weights", retry=RETRY)
def learn_weights(timestamp: int) -> None:
    """Learn from the deals that ended what each kind of evidence counts."""
    del timestamp
    services.learn_weights(at=clock.now())
