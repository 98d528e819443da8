"""Tables of crm."""

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
    Task,
)
from foresail.crm.models.listed import Listed, Record
from foresail.crm.models.pipelines import Pipeline, Stage
from foresail.crm.models.quality import (
    Departure,
    DuplicatePair,
    MatchKey,
    MatchModel,
    Merge,
    QualitySetting,
)
from foresail.crm.models.shaping import CustomField, FieldChange, FieldRule

__all__ = [
    "AMOUNT",
    "NO_AMOUNT_HIGH",
    "NO_AMOUNT_LOW",
    "NO_DAY",
    "Account",
    "Contact",
    "CustomField",
    "Deal",
    "DealContact",
    "DealProduct",
    "Departure",
    "DuplicatePair",
    "FieldChange",
    "FieldRule",
    "Lead",
    "Listed",
    "MatchKey",
    "MatchModel",
    "Merge",
    "Pipeline",
    "Product",
    "QualitySetting",
    "Record",
    "Stage",
    "Task",
]
