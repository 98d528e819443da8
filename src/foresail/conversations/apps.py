from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "foresail.conversations"
    label = "conversations"

    def ready(self) -> None:
        from foresail.conversations.departing import evidence  # noqa: PLC0415
        from foresail.conversations.events import listen_to_crm  # noqa: PLC0415
        from foresail.conversations.kinds import OURS  # noqa: PLC0415
        from foresail.conversations.queries import REF, excerpts  # noqa: PLC0415  models may be imported from here on
        from foresail.crm.departing import register_evidence  # noqa: PLC0415
        from foresail.governance import kinds  # noqa: PLC0415
        from foresail.timeline.excerpts import register  # noqa: PLC0415

        register(REF, excerpts)
        register_evidence(evidence)
        listen_to_crm()
        kinds.register(*OURS)
