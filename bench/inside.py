"""`python -m bench.inside module:function '{"name": …}'`: run it with the product's Django, print what it gives as JSON.

Which installation it is, FORESAIL_HOME says. A process has but one Django, and a run of the benchmark many homes.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from foresail.site.ground import set_up

if __name__ == "__main__":
    name, arguments = sys.argv[1:]
    module, _, function = name.partition(":")
    set_up()
    sys.stdout.write(json.dumps(getattr(import_module(module), function)(**json.loads(arguments))))
