"""The door: the library is kept, and what is in it is sent."""

from foresail.advice.services.content import (
    Sent,
    change_asset,
    create_asset,
    forget_deals,
    may_keep,
    send_asset,
)

__all__ = ["Sent", "change_asset", "create_asset", "forget_deals", "may_keep", "send_asset"]
