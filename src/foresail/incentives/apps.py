from django.apps import AppConfig

from foresail.core.everything import Everything


class IncentivesConfig(AppConfig):
    name = "foresail.incentives"
    label = "incentives"
    everything = Everything(taken={"Target": ("目标", "targets")})
