"""The room as Django knows it."""

from django.apps import AppConfig

from foresail.core.everything import Everything


class GovernanceConfig(AppConfig):
    name = "foresail.governance"
    everything = Everything(
        taken={
            "AuditRow": ("审计记录（个人信息仍加密）", "the audit trail; personal values stay sealed"),
            "Verification": ("审计链的验证", "how the audit trail was verified"),
            "Leaving": ("全部导出的记录", "exports of everything"),
            "Guardian": ("数据治理小组成员", "members of the data-governance group"),
            "ProposedBoundary": ("采集边界的各个版本", "versions of what may be collected"),
            "ConsentWording": ("征求同意的告知文案", "what people are asked for their consent"),
            "ConsentEntry": ("同意与撤回的台账", "the ledger of consent given and withdrawn"),
            "GateCount": ("采集闸门拦下的数量", "how much the gate left out"),
        },
        left_out={
            "PersonKey": (
                "审计记录中个人信息的密钥；带走后，被删除者的信息就无法真正删除",
                "keys of personal values in the trail: once they leave, nobody's values can be erased any more",
            ),
        },
    )

    def ready(self) -> None:
        from foresail.core.changes import Change  # noqa: PLC0415  models may be imported from here on
        from foresail.core.events import listen  # noqa: PLC0415
        from foresail.governance.kinds import OF_PEOPLE, register  # noqa: PLC0415
        from foresail.governance.queries.collecting import oversees  # noqa: PLC0415
        from foresail.governance.services import keep  # noqa: PLC0415
        from foresail.people import offers  # noqa: PLC0415

        listen(Change, keep)
        register(*OF_PEOPLE)
        offers.register("governance", oversees)
