"""The room as Django knows it."""

from django.apps import AppConfig

from foresail.core.everything import Everything


class AdviceConfig(AppConfig):
    name = "foresail.advice"
    label = "advice"
    everything = Everything(
        taken={
            "Asset": ("内容库", "the content library"),
            "AssetSent": ("发给客户的内容", "content that was sent in deals"),
            "Trigger": ("触发器", "triggers"),
            "Suggestion": ("建议及其处理", "suggestions, and what people made of them"),
            "Mute": ("静音的触发器和商机", "triggers and deals that people muted"),
        },
        left_out={"Waiting": ("等待判断的商机和客户", "deals and accounts that wait to be judged")},
    )

    def ready(self) -> None:
        from foresail.advice.kinds import OURS, SENT  # noqa: PLC0415  models may be imported from here on
        from foresail.advice.listening import listen_to_others  # noqa: PLC0415
        from foresail.governance import kinds  # noqa: PLC0415
        from foresail.timeline.kinds import register  # noqa: PLC0415

        register(SENT)
        kinds.register(*OURS)
        listen_to_others()
