"""Tables of advice. Only its services write them."""

from foresail.advice.models.content import Asset, AssetSent

__all__ = ["Asset", "AssetSent"]
