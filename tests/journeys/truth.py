"""What lies in an installation's database, told as JSON: `python -m tests.journeys.truth`, in a process of its own.

Each outlook is held against a fresh forecast by the same model of the log as it was known at that instant.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from foresail.site.ground import set_up


def interest() -> dict[str, Any]:
    """What signals were added up to, beside what they come to when all of them are added up anew."""
    from django.db import transaction

    from foresail.core import clock
    from foresail.signals import services
    from foresail.signals.models import Daily, Evidence, Fresh, Interest, Signal

    def sums() -> dict[tuple[Any, ...], float]:
        return {
            **{(each.account, each.topic, each.kind): each.value for each in Interest.objects.all()},
            **{(each.account, each.on, each.topic, each.kind): each.amount for each in Daily.objects.all()},
        }

    with transaction.atomic():
        before, standing = sums(), set(Evidence.objects.filter(ended_at=None).values_list("pk", flat=True))
        services.judge_all(at=clock.now())
        after, judged = sums(), set(Evidence.objects.filter(ended_at=None).values_list("pk", flat=True))
        transaction.set_rollback(True)
    off = [
        abs(before.get(key, 0.0) - after.get(key, 0.0)) / max(after.get(key, 0.0), 1.0)
        for key in before | after
    ]
    return {
        "waiting": Fresh.objects.filter(signal__in=Signal.objects.values("pk")).count(),
        "standing": len(standing),
        "judged_otherwise": len(standing ^ judged),
        "off": max(off, default=0.0),
    }


def truth() -> dict[str, Any]:
    from django.apps import apps
    from django.db.models import Count, Max

    from foresail.forecast.logs import pipelines_of
    from foresail.forecast.serving import folder_of, load
    from foresail.timeline.queries import deal_log

    def rows(model: str) -> Any:
        return apps.get_model(model).objects

    told: dict[str, Any] = {"pools": {}}
    for pool in rows("forecast.Pool").order_by("pk"):
        models = list(rows("forecast.ForecastModel").filter(pool=pool).order_by("version"))
        for model in models:
            load(model)
        log = deal_log(pipelines=pipelines_of(pool.pk)).log()
        outlooks = list(rows("forecast.Outlook").filter(pool=pool).select_related("score__model"))
        fresh = {
            (model, at): {row["deal"]: row["p_won_final"] for row in load(model).predict(log, at=at).iter_rows(named=True)}
            for model, at in {(one.score.model, one.score.at) for one in outlooks}
        }  # fmt: skip
        known = dict(
            rows("timeline.Entry")
            .filter(deal__in=[one.deal_id for one in outlooks])
            .values_list("deal")
            .annotate(Max("known_at"))
        )
        pipelines = pipelines_of(pool.pk)
        deals = rows("crm.Deal").filter(pipeline__in=pipelines)
        is_open = set(deals.filter(status="open").values_list("pk", flat=True))
        nightly = rows("forecast.Score").filter(model__pool=pool, nightly=True)
        looks = rows("forecast.Score").filter(model__pool=pool, nightly=False).values_list("at")
        told["pools"][pool.name] = {
            "id": pool.pk,
            "versions": [model.version for model in models],
            "serving": sum(model.status == "serving" for model in models),
            "folders": sorted(
                path.name for path in folder_of(models[0]).parent.iterdir() if path.name.isdigit()
            )
            if models
            else [],
            "deals": deals.count(),
            "entries": rows("timeline.Entry")
            .filter(deal__in=list(deals.values_list("pk", flat=True)))
            .count(),
            "without_outlook": len(is_open - {one.deal_id for one in outlooks}),
            "outlook_of_ended": len({one.deal_id for one in outlooks} - is_open),
            "stale": [one.deal_id for one in outlooks if one.score.at < known[one.deal_id]],
            "off": max(
                (abs(fresh[one.score.model, one.score.at][str(one.deal_id)] - one.p_won_final) for one in outlooks),
                default=0.0,
            ),
            "old_model": sum(one.score.model.status != "serving" for one in outlooks),
            "nights_twice": nightly.values("deal", "at").annotate(n=Count("pk")).filter(n__gt=1).count(),
            "open": len(is_open),
            "looks": sum(
                n > len(is_open) / 2 for _, n in looks.annotate(n=Count("pk"))
            ),
        }  # fmt: skip
    told["touched"] = rows("forecast.Touched").count()
    told["interest"] = interest()
    titles: dict[str, int] = {}
    for key, title in (
        rows("conversations.Communication").filter(title__startswith="记录").values_list("pk", "title")
    ):
        shown = rows("timeline.Entry").filter(ref=f"conversations.Communication:{key}").count()
        titles[title] = titles.get(title, 0) + shown
    told["titles"] = titles
    told["jobs"] = {
        f"{task} {status}": n
        for task, status, n in rows("procrastinate.ProcrastinateJob")
        .values_list("task_name", "status")
        .annotate(n=Count("pk"))
        .order_by()
    }
    return told


if __name__ == "__main__":
    set_up()
    json.dump(truth(), sys.stdout)
