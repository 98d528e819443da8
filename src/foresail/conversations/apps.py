from django.apps import AppConfig

from foresail.core.everything import Everything


class ConversationsConfig(AppConfig):
    name = "foresail.conversations"
    label = "conversations"
    everything = Everything(
        taken={
            "Communication": ("沟通", "communications"),
            "Repointed": ("合并时改动的沟通", "communications that a merge moved"),
        }
    )

    def ready(self) -> None:
        from foresail.conversations.departing import evidence  # noqa: PLC0415
        from foresail.conversations.events import listen_to_crm  # noqa: PLC0415
        from foresail.conversations.kinds import OURS  # noqa: PLC0415
        from foresail.conversations.queries import REF, excerpts, parts  # noqa: PLC0415  models may be imported from here on
        from foresail.crm.departing import register_evidence  # noqa: PLC0415
        from foresail.governance import kinds  # noqa: PLC0415
        from foresail.timeline.excerpts import register  # noqa: PLC0415
        from foresail.timeline.parts import register as register_parts  # noqa: PLC0415

        register(REF, excerpts)
        register_parts(parts)
        register_evidence(evidence)
        listen_to_crm()
        kinds.register(*OURS)
