"""Foresail (先见): a sales-management system that sees a deal turn before it turns."""

__version__ = "0.1.0"
