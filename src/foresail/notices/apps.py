from django.apps import AppConfig

from foresail.core.everything import Everything


class NoticesConfig(AppConfig):
    name = "foresail.notices"
    label = "notices"
    everything = Everything(
        taken={
            "Notification": ("通知", "notifications"),
            "Preference": ("通知偏好", "how people want to be told"),
            "Mute": ("静音的记录", "records that people muted"),
        }
    )

    def ready(self) -> None:
        from foresail.notices.listening import listen_to_others  # noqa: PLC0415  models may be imported from here on

        listen_to_others()
