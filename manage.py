#!/usr/bin/env python3
"""Django's command line, with engines for the commands that need them and sentences instead of tracebacks."""

from __future__ import annotations

import os
import sys

from ikbt import engines
from ikbt.env import SettingError, env, stop_with


def main() -> int:
    """Run one command; a missing setting or engine ends it with a sentence and code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ikbt.settings")
    try:
        if env.text("IKBT_ENV", "local") != "production":
            os.environ.setdefault("SECRET_KEY", env.kept_secret("SECRET_KEY"))
        engines.ensure(sys.argv)

        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except (SettingError, engines.EngineError) as problem:
        return stop_with(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
