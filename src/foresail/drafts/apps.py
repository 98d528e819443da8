from django.apps import AppConfig

from foresail.core.everything import Everything


class DraftsConfig(AppConfig):
    name = "foresail.drafts"
    label = "drafts"
    everything = Everything(
        taken={
            "Decision": ("对建议的处理", "what people made of proposals"),
            "Report": ("周报与月报", "weekly and monthly reports"),
            "SavingSetting": ("省时的计算口径", "what counts as time saved"),
        },
        left_out={"Habit": ("由历史重新学得", "learned anew from what happened")},
    )

    def ready(self) -> None:
        from foresail.drafts.kinds import OURS  # noqa: PLC0415
        from foresail.drafts.listening import listen_to_crm  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        listen_to_crm()
        register(*OURS)
