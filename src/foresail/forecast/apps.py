from django.apps import AppConfig


class ForecastConfig(AppConfig):
    name = "foresail.forecast"
    label = "forecast"

    def ready(self) -> None:
        from foresail.forecast.fields import register as register_fields  # noqa: PLC0415
        from foresail.forecast.kinds import OURS  # noqa: PLC0415
        from foresail.forecast.listening import listen_to_others  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        listen_to_others()
        register(*OURS)
        register_fields()
