"""The door: verbs that change pipelines, accounts, contacts, deals and tasks."""

from foresail.crm.services.accounts import change_account, change_contact, contact_left
from foresail.crm.services.adding import add_account, add_contact, add_lead, add_product
from foresail.crm.services.binning import bring_back, delete_record, purge_bin
from foresail.crm.services.bulk import (
    NewAccount,
    NewContact,
    NewDeal,
    NewDealContact,
    NewTask,
    add_accounts,
    add_contacts,
    add_deal_contacts,
    add_deals,
    add_tasks,
)
from foresail.crm.services.changing import (
    UNKNOWN,
    Batch,
    Edit,
    change_many,
    change_record,
    restore_value,
    undo_batch,
)
from foresail.crm.services.deals import (
    assign_deal,
    change_deal,
    close_deal,
    move_deal,
    open_deal,
    set_deal_contact,
)
from foresail.crm.services.leaving import HandedOver, hand_over
from foresail.crm.services.departures import confirm_departure, dismiss_departure, judge_departures
from foresail.crm.services.duplicates import (
    MATCHED,
    dismiss_pair,
    find_duplicates,
    note_hidden,
    quality,
    reopen_pair,
    set_quality,
)
from foresail.crm.services.merging import merge_records, undo_merge
from foresail.crm.services.pipelines import StageSpec, add_pipeline
from foresail.crm.services.shaping import add_custom_field, change_custom_field, set_field_rule
from foresail.crm.services.tasks import add_task, change_task, finish_task, reopen_task
from foresail.crm.services.telling import person_of
from foresail.people.services import KEEP

__all__ = [
    "KEEP",
    "MATCHED",
    "UNKNOWN",
    "Batch",
    "Edit",
    "HandedOver",
    "NewAccount",
    "NewContact",
    "NewDeal",
    "NewDealContact",
    "NewTask",
    "StageSpec",
    "add_account",
    "add_accounts",
    "add_contact",
    "add_contacts",
    "add_custom_field",
    "add_deal_contacts",
    "add_deals",
    "add_lead",
    "add_pipeline",
    "add_product",
    "add_task",
    "add_tasks",
    "assign_deal",
    "bring_back",
    "change_account",
    "change_contact",
    "change_custom_field",
    "change_deal",
    "change_many",
    "change_record",
    "change_task",
    "close_deal",
    "confirm_departure",
    "contact_left",
    "delete_record",
    "dismiss_departure",
    "dismiss_pair",
    "find_duplicates",
    "finish_task",
    "hand_over",
    "judge_departures",
    "merge_records",
    "move_deal",
    "note_hidden",
    "open_deal",
    "person_of",
    "purge_bin",
    "quality",
    "reopen_pair",
    "reopen_task",
    "restore_value",
    "set_deal_contact",
    "set_field_rule",
    "set_quality",
    "undo_batch",
    "undo_merge",
]
