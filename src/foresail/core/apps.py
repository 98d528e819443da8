import gc

from django.apps import AppConfig

from foresail.core.everything import Everything


class CoreConfig(AppConfig):
    name = "foresail.core"
    label = "core"
    everything = Everything(
        left_out={
            "Notice": ("给已打开页面的提示，一小时后清除", "notices for open pages, kept for an hour"),
            "Effect": ("后台任务防重复的记号", "what keeps a background job from taking effect twice"),
            "Allowance": ("接口限流的计数", "who asked how often"),
        }
    )

    def ready(self) -> None:
        from foresail.core import lookups  # noqa: F401, PLC0415  registers them

        # Python looks for cycles after 700 new objects; a page of records makes thousands, and few of them in cycles.
        gc.set_threshold(50_000, 20, 20)
