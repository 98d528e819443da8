"""The door: fill an empty Foresail with a made-up company."""

from foresail.demo.services.doubling import find_doubles
from foresail.demo.services.filling import Filled, fill

__all__ = ["Filled", "fill", "find_doubles"]
