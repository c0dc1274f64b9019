"""A Redis cache whose every error is a miss: what it holds may vanish, and no page needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _or_miss(name: str, miss: Any) -> Callable[..., Any]:
    inherited = getattr(RedisCache, name)

    def call(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return inherited(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache.missed", call=name, error=type(error).__name__)
            if name == "get":
                return kwargs.get("default", args[1] if len(args) > 1 else None)
            return miss

    return call


class OptionalRedisCache(RedisCache):
    """Django's Redis cache without its errors. `incr` on a dead server counts from one again."""

    get = _or_miss("get", None)
    set = _or_miss("set", None)
    add = _or_miss("add", True)
    touch = _or_miss("touch", False)
    delete = _or_miss("delete", False)
    get_many = _or_miss("get_many", {})
    set_many = _or_miss("set_many", [])
    has_key = _or_miss("has_key", False)
    incr = _or_miss("incr", 1)
