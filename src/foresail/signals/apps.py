"""The room as Django knows it."""

from django.apps import AppConfig

from foresail.core.everything import Everything


class SignalsConfig(AppConfig):
    name = "foresail.signals"
    label = "signals"
    everything = Everything(
        taken={
            "Visitor": ("访客（匿名编号）", "visitors, by the names of their trackers"),
            "Signal": ("信号", "signals"),
        },
        left_out={
            "IntakeKey": ("接收信号的密钥", "keys under which signals come in"),
            "Seen": ("信号防重复的记号", "what keeps a signal from counting twice"),
        },
    )

    def ready(self) -> None:
        from foresail.governance import collecting, erasing  # noqa: PLC0415  models may be imported from here on
        from foresail.signals.services.leaving import erase_subjects  # noqa: PLC0415
        from foresail.signals.sources import ALL  # noqa: PLC0415

        collecting.register(*ALL)
        erasing.register("signals", erase_subjects)
