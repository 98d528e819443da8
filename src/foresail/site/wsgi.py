"""What the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from foresail.core import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")

application = get_wsgi_application()
logs.configure()
bool(settings.SECRET_KEY)  # made at the first start, not in the middle of the first request
