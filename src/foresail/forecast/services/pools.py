"""Pools: which pipelines learn together."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from foresail.forecast.models import Pool, PoolPipeline


def add_pool(*, name: str, pipelines: Sequence[int]) -> Pool:
    """Let `pipelines` learn together. Called at set-up, by Foresail itself."""
    with transaction.atomic():
        pool, _ = Pool.objects.get_or_create(name=name)
        for pipeline in pipelines:
            PoolPipeline.objects.update_or_create(pipeline_id=pipeline, defaults={"pool": pool})
        return pool
