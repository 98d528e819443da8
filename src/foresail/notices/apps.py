from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "foresail.notices"
    label = "notices"

    def ready(self) -> None:
        from foresail.notices.listening import listen_to_others  # noqa: PLC0415  models may be imported from here on

        listen_to_others()
