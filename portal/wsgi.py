"""What the web server calls."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from audits.checks import refuse_to_start  # noqa: E402 - the applications have to be loaded

refuse_to_start()
