from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "foresail.crm"
    label = "crm"

    def ready(self) -> None:
        from foresail.crm.kinds import OURS  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        register(*OURS)
