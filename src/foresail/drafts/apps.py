from django.apps import AppConfig


class DraftsConfig(AppConfig):
    name = "foresail.drafts"
    label = "drafts"

    def ready(self) -> None:
        from foresail.drafts.kinds import OURS  # noqa: PLC0415
        from foresail.drafts.listening import listen_to_crm  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        listen_to_crm()
        register(*OURS)
