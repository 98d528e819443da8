"""Tables of advice. Only its services write them."""

from foresail.advice.models.content import Asset, AssetSent
from foresail.advice.models.triggers import Mute, Suggestion, Trigger, Waiting

__all__ = ["Asset", "AssetSent", "Mute", "Suggestion", "Trigger", "Waiting"]
