from django.apps import AppConfig

from foresail.core.everything import Everything


class TimelineConfig(AppConfig):
    name = "foresail.timeline"
    label = "timeline"
    everything = Everything(
        taken={"Entry": ("时间线", "the timeline")},
        left_out={"Seen": ("时间线条目的指纹，由条目算出", "fingerprints, computed from the entries")},
    )

    def ready(self) -> None:
        from foresail.crm.touching import register_touches  # noqa: PLC0415
        from foresail.timeline.kinds import OURS, register  # noqa: PLC0415
        from foresail.timeline.listening import listen_to_crm  # noqa: PLC0415  models may be imported from here on
        from foresail.timeline.touching import last_touches  # noqa: PLC0415

        register(*OURS)
        listen_to_crm()
        register_touches(last_touches)
