"""The room as Django knows it."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "foresail.governance"

    def ready(self) -> None:
        from foresail.core.changes import Change  # noqa: PLC0415  models may be imported from here on
        from foresail.core.events import listen  # noqa: PLC0415
        from foresail.governance.kinds import OF_PEOPLE, register  # noqa: PLC0415
        from foresail.governance.services import keep  # noqa: PLC0415

        listen(Change, keep)
        register(*OF_PEOPLE)
