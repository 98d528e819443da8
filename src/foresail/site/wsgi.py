"""What the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from foresail.core import logs
from foresail.site import counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")

application = get_wsgi_application()
logs.configure()
counts.share()
bool(settings.SECRET_KEY)  # made at the first start, not in the middle of the first request
