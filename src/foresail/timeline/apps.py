from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "foresail.timeline"
    label = "timeline"

    def ready(self) -> None:
        from foresail.timeline.events import listen_to_crm  # noqa: PLC0415  models may be imported from here on
        from foresail.timeline.kinds import OURS, register  # noqa: PLC0415

        register(*OURS)
        listen_to_crm()
