from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "foresail.incentives"
    label = "incentives"
