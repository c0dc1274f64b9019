#!/usr/bin/env python3
"""Django's command line, with engines for the commands that need them and sentences instead of tracebacks."""

from __future__ import annotations

import os
import sys

from ikbt import engines


def main() -> None:
    """Run one command; a missing setting or engine ends it with a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ikbt.settings")
    try:
        engines.ensure(sys.argv)
    except engines.EngineError as problem:
        if "doctor" not in sys.argv[1:2]:  # the doctor goes on and says what else is missing
            sys.exit(str(problem))
        sys.stderr.write(f"{problem}\n")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
