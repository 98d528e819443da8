"""The door: fill an empty Foresail with a made-up company, or with a company's own log; then let it learn."""

from foresail.demo.services.filling import Filled, fill
from foresail.demo.services.importing import Imported, import_log
from foresail.demo.services.learning import learn

__all__ = ["Filled", "Imported", "fill", "import_log", "learn"]
