"""Tables of crm."""

from foresail.crm.models.beside import Attachment, Note, Task
from foresail.crm.models.currencies import HOUSE, CurrencyRate, MoneySetting
from foresail.crm.models.customers import Account, Contact, Lead
from foresail.crm.models.deals import (
    AMOUNT,
    NO_AMOUNT_HIGH,
    NO_AMOUNT_LOW,
    NO_DAY,
    Deal,
    DealContact,
    DealProduct,
    Product,
)
from foresail.crm.models.importing import Import, ImportMapping, ImportRow
from foresail.crm.models.listed import Listed, Record
from foresail.crm.models.pipelines import Pipeline, Stage
from foresail.crm.models.pool import PoolDue, PoolMove, PoolRule
from foresail.crm.models.quality import (
    Departure,
    DuplicatePair,
    MatchKey,
    MatchModel,
    Merge,
    QualitySetting,
)
from foresail.crm.models.shaping import CustomField, FieldChange, FieldRule
from foresail.crm.models.views import SavedView, ViewPin

__all__ = [
    "AMOUNT",
    "HOUSE",
    "NO_AMOUNT_HIGH",
    "NO_AMOUNT_LOW",
    "NO_DAY",
    "Account",
    "Attachment",
    "Contact",
    "CurrencyRate",
    "CustomField",
    "Deal",
    "DealContact",
    "DealProduct",
    "Departure",
    "DuplicatePair",
    "FieldChange",
    "FieldRule",
    "Import",
    "ImportMapping",
    "ImportRow",
    "Lead",
    "Listed",
    "MatchKey",
    "MatchModel",
    "Merge",
    "MoneySetting",
    "Note",
    "Pipeline",
    "PoolDue",
    "PoolMove",
    "PoolRule",
    "Product",
    "QualitySetting",
    "Record",
    "SavedView",
    "Stage",
    "Task",
    "ViewPin",
]
