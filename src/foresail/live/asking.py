"""Questions to Django from the event loop, one at a time, in a thread that keeps its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
T = TypeVar("T")


class Django:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "django")

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def asked() -> T:
            close_old_connections()
            try:
                return question(*args, **kwargs)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._thread, asked)

    def close(self) -> None:
        self._thread.submit(connections.close_all)
        self._thread.shutdown()
