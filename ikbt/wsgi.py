"""The web process."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ikbt.settings")
application = get_wsgi_application()

# What is loaded now stays for the life of the process. Set apart, it is no longer walked through by each full
# collection, which else takes some 40 ms in the middle of somebody's page; and forked workers keep sharing it.
gc.collect()
gc.freeze()
