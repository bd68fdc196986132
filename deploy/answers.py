"""Exit code 0 when the web process of this container answers. Loads nothing of the portal, so asking costs little."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

host = urlsplit(os.environ.get("PUBLIC_URL", "")).hostname or "127.0.0.1"
request = urllib.request.Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
        sys.exit(answer.status != 200)
except (urllib.error.URLError, OSError):
    sys.exit(1)
