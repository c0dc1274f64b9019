"""Three pages for machines: is it alive, is it ready, how is the chain."""

from __future__ import annotations

import hmac
from datetime import datetime

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import public
from clinics.crisis import numbers_unchecked
from clinics.models import Clinic
from messaging.figures import attempts_by_result, oldest_unsent, unsent
from riskmonitor.activation.in_force import rules_stand
from riskmonitor.models import Flag
from riskmonitor.watch.chain import ChainState, oldest_unscreened, read_chain


@require_safe
@public("the load balancer asks whether the process answers")
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@public("the load balancer asks whether to send people here")
def ready(request: HttpRequest) -> JsonResponse:
    """Database and migrations decide. Valkey, worker and guard are told as degraded: pages work without them."""
    try:
        missing = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
        chain = read_chain() if not missing else None
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    if missing or chain is None:
        return JsonResponse({"ready": False, "migrations": "not applied"}, status=503)
    degraded = (
        chain.silent
        + (["rules"] if chain.refusing or not rules_stand() else [])
        + ([] if valkey_answers() else ["valkey"])
    )
    return JsonResponse({"ready": True, "degraded": degraded, "version": settings.VERSION})


def valkey_answers() -> bool:
    """Ask the broker, for at most 0.3 seconds."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


@require_safe
@public("monitoring asks with a key of its own")
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. Counts and ages only; the key stands in the header X-Metrics-Key."""
    given = request.headers.get("X-Metrics-Key", "")
    if not settings.METRICS_KEY or not hmac.compare_digest(given.encode(), settings.METRICS_KEY.encode()):
        return HttpResponseForbidden("The header X-Metrics-Key is missing or wrong.\n", content_type="text/plain")
    lines = [f"ikbt_{name} {value}" for name, value in _figures(timezone.now(), read_chain()).items()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _figures(now: datetime, chain: ChainState) -> dict[str, float]:
    real = Flag.objects.open().filter(clinic__in=Clinic.objects.real())
    oldest_flag = real.filter(acknowledged_at=None).order_by("clock_from").first()
    unscreened, waiting = oldest_unscreened(now), oldest_unsent(now)
    figures: dict[str, float] = {
        "open_flags": real.count(),
        "oldest_unanswered_flag_seconds": (now - oldest_flag.clock_from).total_seconds() if oldest_flag else 0,
        "oldest_unscreened_seconds": (now - unscreened).total_seconds() if unscreened else 0,
        "unsent_notices": unsent(),
        "oldest_unsent_notice_seconds": (now - waiting).total_seconds() if waiting else 0,
        "crisis_numbers_unchecked": numbers_unchecked(),
    }
    for (channel, result), count in attempts_by_result(now).items():
        figures[f'notice_attempts_24h{{channel="{channel}",result="{result}"}}'] = count
    figures |= {f'heartbeat_age_seconds{{process="{p}"}}': -1 if a is None else a for p, a in chain.ages.items()}
    figures |= {f'chain_problem{{kind="{kind}"}}': count for kind, count in chain.problems.items()}
    return figures
