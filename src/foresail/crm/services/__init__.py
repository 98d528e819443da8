"""The door: verbs that change pipelines, accounts, contacts, deals and tasks."""

from foresail.crm.services.accounts import (
    add_account,
    add_contact,
    change_account,
    change_contact,
    contact_left,
)
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
from foresail.crm.services.deals import (
    assign_deal,
    change_deal,
    close_deal,
    move_deal,
    open_deal,
    set_deal_contact,
)
from foresail.crm.services.pipelines import StageSpec, add_pipeline
from foresail.crm.services.tasks import add_task, change_task, finish_task, reopen_task
from foresail.crm.services.telling import person_of
from foresail.people.services import KEEP

__all__ = [
    "KEEP",
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
    "add_deal_contacts",
    "add_deals",
    "add_pipeline",
    "add_task",
    "add_tasks",
    "assign_deal",
    "change_account",
    "change_contact",
    "change_deal",
    "change_task",
    "close_deal",
    "contact_left",
    "finish_task",
    "move_deal",
    "open_deal",
    "person_of",
    "reopen_task",
    "set_deal_contact",
]
