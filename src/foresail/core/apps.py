from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "foresail.core"
    label = "core"
