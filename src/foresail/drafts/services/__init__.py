"""The door: proposals are decided, habits learned, reports drafted, saved and handed in."""

from foresail.drafts.services.deciding import Choice, confirm, forget_deals, refuse, take_back
from foresail.drafts.services.habits import learn_habits
from foresail.drafts.services.reports import draft_report, hand_in, save_report
from foresail.drafts.services.setting import set_saving

__all__ = [
    "Choice",
    "confirm",
    "draft_report",
    "forget_deals",
    "hand_in",
    "learn_habits",
    "refuse",
    "save_report",
    "set_saving",
    "take_back",
]
