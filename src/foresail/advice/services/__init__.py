"""The door: triggers are shaped and judged, suggestions decided; the library is kept, and what is in it is sent."""

from foresail.advice.services.content import (
    Sent,
    change_asset,
    create_asset,
    forget_deals,
    may_keep,
    send_asset,
)
from foresail.advice.services.suggesting import TaskWanted, accept, dismiss, mute, undo
from foresail.advice.services.triggering import fired, judge_all, judge_waiting
from foresail.advice.services.triggers import add_trigger, change_trigger, install_shipped

__all__ = [
    "Sent",
    "TaskWanted",
    "accept",
    "add_trigger",
    "change_asset",
    "change_trigger",
    "create_asset",
    "dismiss",
    "fired",
    "forget_deals",
    "install_shipped",
    "judge_all",
    "judge_waiting",
    "may_keep",
    "mute",
    "send_asset",
    "undo",
]
