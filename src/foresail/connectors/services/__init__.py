"""The door: a company's own log becomes records and their timeline."""

from foresail.connectors.services.importing import Imported, import_log

__all__ = ["Imported", "import_log"]
