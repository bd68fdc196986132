#!/usr/bin/env python
"""The command line of the portal."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError


def main() -> None:
    """Run the command; a wrong environment is a sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.umask(0o077)  # what the portal writes is for its own account only
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The portal cannot start. {error}")
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        remedy = (
            "Is it the right one (DATA_DIR, DATABASE_URL)? `manage.py migrate` makes its tables, as `make run` does."
        )
        sys.exit(f"The database cannot be used: {error}. {remedy}")


if __name__ == "__main__":
    main()
