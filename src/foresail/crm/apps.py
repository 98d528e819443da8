from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "foresail.crm"
    label = "crm"
