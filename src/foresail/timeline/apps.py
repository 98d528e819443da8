from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "foresail.timeline"
    label = "timeline"

    def ready(self) -> None:
        from foresail.crm.touching import register_touches  # noqa: PLC0415
        from foresail.timeline.kinds import OURS, register  # noqa: PLC0415
        from foresail.timeline.listening import listen_to_crm  # noqa: PLC0415  models may be imported from here on
        from foresail.timeline.touching import last_touches  # noqa: PLC0415

        register(*OURS)
        listen_to_crm()
        register_touches(last_touches)
