"""The processes of the platform: one table for `make run` (supervisor) and for docker-compose.yml.

A test holds both to it: the same commands and the same variables.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

CELERY = "python -m celery -A ikbt"
WORKER = f"{CELERY} worker --loglevel WARNING --without-gossip --without-mingle"


@dataclass(frozen=True)
class Place:
    """What differs from one installation to the next: addresses as host:port, and the data folder."""

    web: str
    smtp: str
    mail_page: str
    data: str


@dataclass(frozen=True)
class Program:
    """One supervised process. `patience` is the seconds between the polite signal and the kill."""

    name: str
    command: str
    patience: int = 10

    def argv(self, place: Place) -> list[str]:
        """Return the command line at a place, with `python` as its first word."""
        return [word.format(**asdict(place)) for word in shlex.split(self.command)]


PROGRAMS = (
    Program(
        "web",
        "python -m gunicorn ikbt.wsgi --preload --bind {web} --worker-class gthread --workers 2 --threads 8"
        " --timeout 60 --graceful-timeout 10 --max-requests 10000 --max-requests-jitter 1000 --no-control-socket",
        patience=15,
    ),
    Program("worker-safety", f"{WORKER} -n safety@%h -Q safety -c 2", patience=15),  # no report can delay it
    Program("worker", f"{WORKER} -n worker@%h -Q notices,reports,default -c 2", patience=15),
    Program("beat", f"{CELERY} beat --loglevel WARNING --schedule {{data}}/beat-schedule --pidfile="),
    Program("guard", "python manage.py guard"),  # a pair: while one is gone the other watches, and tells of it
    Program("guard-2", "python manage.py guard --name guard-2"),
    Program("mail", "python -m ikbt.mail_sink --smtp {smtp} --page {mail_page}", patience=5),
)

# What each process is told; everything else has a default in settings.
VARIABLES = (
    "IKBT_ENV",
    "IKBT_DEMO",
    "IKBT_DATA",
    "IKBT_URL",
    "IKBT_VERSION",
    "SECRET_KEY",
    "METRICS_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "EMAIL_HOST_USER",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS",
    "MAIL_FROM",
    "VAPID_PRIVATE_KEY",
    "SMS_URL",
    "SMS_METHOD",
    "SMS_HEADER",
    "SMS_CONTENT_TYPE",
    "SMS_BODY",
    "PING_URL",
    "CANARY_SECONDS",
    "CANARY_URL",
)


def configuration(place: Place, root: Path, logs: Path) -> str:
    """Return supervisord's configuration: every process is started again whenever it dies, for ever."""
    head = {
        "nodaemon": "true",
        "logfile": logs / "supervisor.log",
        "pidfile": logs / "supervisor.pid",
        "childlogdir": logs,
        "directory": root,
        "minfds": 256,
        "silent": "true",
    }
    sections = [_section("supervisord", head)]
    for program in PROGRAMS:
        argv = [sys.executable, *program.argv(place)[1:]]
        options = {
            "command": shlex.join(argv),
            "directory": root,
            "autorestart": "true",
            "startsecs": 1,
            "startretries": 1_000_000,  # supervisor waits longer and longer, but never gives up
            "stopwaitsecs": program.patience,
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": logs / f"{program.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 2,
        }
        sections.append(_section(f"program:{program.name}", options))
    together = {"programs": ",".join(program.name for program in PROGRAMS)}  # a group is stopped all at once
    return "\n".join([*sections, _section("group:ikbt", together)])


def _section(name: str, options: Mapping[str, object]) -> str:
    lines = [f"{key}={str(value).replace('%', '%%')}" for key, value in options.items()]
    return "\n".join([f"[{name}]", *lines, ""])
