from pathlib import Path

from django.apps import AppConfig

from foresail.core.everything import Everything


def path_of_attachment(place: str) -> Path:
    from foresail.crm.services.attachments import path_of  # noqa: PLC0415  once models may be imported

    return path_of(place)


class CrmConfig(AppConfig):
    name = "foresail.crm"
    label = "crm"
    everything = Everything(
        taken={
            "Account": ("客户", "accounts"),
            "Contact": ("联系人", "contacts"),
            "Lead": ("线索", "leads"),
            "Deal": ("商机", "deals"),
            "Product": ("产品", "products"),
            "Pipeline": ("销售流程", "pipelines"),
            "Stage": ("阶段", "stages"),
            "DealContact": ("商机的关键人", "what contacts are to deals"),
            "DealProduct": ("商机的产品", "products of deals"),
            "Task": ("任务", "tasks"),
            "Note": ("备注", "notes"),
            "Attachment": ("附件", "attachments; their files lie under files/"),
            "FieldChange": ("变更记录", "history of fields"),
            "CustomField": ("自定义字段", "own fields"),
            "FieldRule": ("字段权限", "field rules"),
            "SavedView": ("视图", "saved views"),
            "ViewPin": ("置顶的视图", "views that people pinned"),
            "MoneySetting": ("本位币", "the house currency"),
            "CurrencyRate": ("汇率", "exchange rates"),
            "PoolRule": ("公海规则", "pool rules"),
            "PoolMove": ("公海进出记录", "moves into and out of the open pool"),
            "DuplicatePair": ("疑似重复", "possible duplicates and what was decided"),
            "Merge": ("合并记录", "merges"),
            "Departure": ("离职提示", "departures of contacts"),
            "QualitySetting": ("数据质量设置", "settings of data quality"),
            "Import": ("导入记录", "imports"),
        },
        left_out={
            "ImportRow": (
                "导入的逐行结果，只为撤销保留 30 天",
                "what became of each row, kept 30 days for undoing",
            ),
            "ImportMapping": ("上次导入的列对应", "how columns were read last"),
            "PoolDue": ("每晚由公海规则算出", "computed from pool rules every night"),
            "MatchKey": ("由记录算出，用于查重", "computed from the records, to find duplicates"),
            "MatchModel": ("由记录算出，用于查重", "computed from the records, to find duplicates"),
        },
        files={"Attachment": path_of_attachment},
    )

    def ready(self) -> None:
        from foresail.crm.kinds import OURS  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        register(*OURS)
