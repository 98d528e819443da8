"""Files become records: the verbs, and where other rooms plug in."""

from foresail.crm.services.importing.running import run_check, run_import, run_undo
from foresail.crm.services.importing.twins import register_finder
from foresail.crm.services.importing.verbs import (
    begin_import,
    check_import,
    configure_import,
    discard_import,
    forget_imports,
    reread_log,
    start_import,
    undo_import,
)

__all__ = [
    "begin_import",
    "check_import",
    "configure_import",
    "discard_import",
    "forget_imports",
    "register_finder",
    "reread_log",
    "run_check",
    "run_import",
    "run_undo",
    "start_import",
    "undo_import",
]
