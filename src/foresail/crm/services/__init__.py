"""The door: verbs that change pipelines, accounts, contacts, leads, deals, and what stands beside them."""

from foresail.crm.services.accounts import (
    change_account,
    change_contact,
    contact_left,
    contact_stays,
    new_employer,
)
from foresail.crm.services.adding import add_account, add_contact, add_lead, add_product
from foresail.crm.services.attachments import attach, detach
from foresail.crm.services.binning import bring_back, bring_back_many, delete_many, delete_record, purge_bin
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
from foresail.crm.services.importing import (
    begin_import,
    check_import,
    configure_import,
    discard_import,
    forget_imports,
    register_finder,
    run_check,
    run_import,
    run_undo,
    start_import,
    undo_import,
)
from foresail.crm.services.leads import Converted, convert_lead, discard_lead, take_up_lead
from foresail.crm.services.leaving import HandedOver, hand_over
from foresail.crm.services.lines import NewLine, set_lines, take_over_total
from foresail.crm.services.notes import add_note, change_note, delete_note
from foresail.crm.services.pipelines import StageSpec, add_pipeline
from foresail.crm.services.shaping import add_custom_field, change_custom_field, set_field_rule
from foresail.crm.services.tasks import add_task, change_task, finish_task, reopen_task
from foresail.crm.services.telling import person_of
from foresail.crm.services.views import add_view, change_view, delete_view, pin_view
from foresail.people.services import KEEP

__all__ = [
    "KEEP",
    "UNKNOWN",
    "Batch",
    "Converted",
    "Edit",
    "HandedOver",
    "NewAccount",
    "NewContact",
    "NewDeal",
    "NewDealContact",
    "NewLine",
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
    "add_note",
    "add_pipeline",
    "add_product",
    "add_task",
    "add_tasks",
    "add_view",
    "assign_deal",
    "attach",
    "begin_import",
    "bring_back",
    "bring_back_many",
    "change_account",
    "change_contact",
    "change_custom_field",
    "change_deal",
    "change_many",
    "change_note",
    "change_record",
    "change_task",
    "change_view",
    "check_import",
    "close_deal",
    "configure_import",
    "contact_left",
    "contact_stays",
    "convert_lead",
    "delete_many",
    "delete_note",
    "delete_record",
    "delete_view",
    "detach",
    "discard_import",
    "discard_lead",
    "finish_task",
    "forget_imports",
    "hand_over",
    "move_deal",
    "new_employer",
    "open_deal",
    "person_of",
    "pin_view",
    "purge_bin",
    "register_finder",
    "reopen_task",
    "restore_value",
    "run_check",
    "run_import",
    "run_undo",
    "set_deal_contact",
    "set_field_rule",
    "set_lines",
    "start_import",
    "take_over_total",
    "take_up_lead",
    "undo_batch",
    "undo_import",
]
