"""The room as Django knows it."""

from django.apps import AppConfig

from foresail.core.everything import Everything


class SignalsConfig(AppConfig):
    name = "foresail.signals"
    label = "signals"
    everything = Everything(
        taken={
            "Visitor": ("访客（匿名编号）", "visitors, by the names of their trackers"),
            "Signal": ("信号", "signals"),
            "Topic": ("话题", "topics"),
            "Tie": ("访客归属", "who visitors are taken to be"),
            "Evidence": ("意向证据", "what signals say of interest"),
            "KindWeight": ("证据权重", "what each kind of evidence counts"),
            "FileBrought": ("导入信号的文件（不含内容）", "files of signals, without what was in them"),
            "TrackedLink": ("追踪链接", "tracked links"),
        },
        left_out={
            "IntakeKey": ("接收信号的密钥", "keys under which signals come in"),
            "Pseudonyms": ("生成匿名编号的密钥", "the secret behind visitors' names"),
            "Seen": ("信号防重复的记号", "what keeps a signal from counting twice"),
            "Fresh": ("等待汇总的信号", "signals that wait to be added up"),
            "Interest": ("由意向证据算出的强度", "sums, computed from the evidence"),
            "Daily": ("由意向证据算出的每日合计", "sums by day, computed from the evidence"),
            "Month": ("证据月份文件的清单", "which months of evidence lie in files, computed from it"),
        },
    )

    def ready(self) -> None:
        from foresail.governance import collecting, erasing  # noqa: PLC0415  models may be imported from here on
        from foresail.signals import channels  # noqa: PLC0415
        from foresail.signals.listening import listen_to_crm  # noqa: PLC0415
        from foresail.signals.services.files import CHANNELS  # noqa: PLC0415
        from foresail.signals.services.leaving import count_subjects, erase_subjects  # noqa: PLC0415
        from foresail.signals.sources import ALL  # noqa: PLC0415
        from foresail.signals.traces import KINDS, traces_of  # noqa: PLC0415
        from foresail.timeline import kinds, traces  # noqa: PLC0415

        collecting.register(*ALL)
        channels.register(*CHANNELS)
        erasing.register("signals", erase_subjects, count_subjects)
        kinds.register(*KINDS)
        traces.register("signals", kinds=[kind.code for kind in KINDS], provider=traces_of)
        listen_to_crm()
