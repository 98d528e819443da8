from django.apps import AppConfig

from foresail.core.everything import Everything


class ForecastConfig(AppConfig):
    name = "foresail.forecast"
    label = "forecast"
    everything = Everything(
        taken={
            "Pool": ("模型池", "pools of models"),
            "PoolPipeline": ("模型池的销售流程", "pipelines of the pools"),
            "ForecastModel": (
                "模型及模型卡（模型文件在备份中）",
                "models with their cards; their files are in a backup",
            ),
            "Score": ("历次预测", "every forecast made"),
            "Outlook": ("最新预测", "the latest forecasts"),
            "Verdict": ("定论及其对错", "verdicts, and whether they were right"),
            "Estimate": ("主管预估", "managers' estimates"),
        },
        left_out={
            "Touched": ("等待重新预测的商机", "deals that wait for a new score"),
            "ReadAnew": ("近两天重新预测过的商机", "deals that were scored anew in the last two days"),
        },
    )

    def ready(self) -> None:
        from foresail.forecast.fields import register as register_fields  # noqa: PLC0415
        from foresail.forecast.kinds import OURS  # noqa: PLC0415
        from foresail.forecast.listening import listen_to_others  # noqa: PLC0415  models may be imported from here on
        from foresail.governance.kinds import register  # noqa: PLC0415

        listen_to_others()
        register(*OURS)
        register_fields()
