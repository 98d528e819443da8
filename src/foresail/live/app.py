"""What uvicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")
django.setup(set_prefix=False)

from foresail.core import logs  # noqa: E402  (models can be read only now)
from foresail.live.serving import build  # noqa: E402

application = build()
logs.configure()
