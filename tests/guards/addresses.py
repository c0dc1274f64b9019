"""Every address of the site, found by walking the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    view: Callable[..., Any]
    parts: dict[str, str]  # of the route, by converter: code → uuid

    @property
    def is_ours(self) -> bool:
        return not self.view.__module__.startswith(("allauth", "django"))


def addresses(urlconf: str | None = None) -> list[Address]:
    """Return the addresses in the order in which Django tries them."""
    return list(_walk(get_resolver(urlconf), "", {}))


def _walk(resolver: URLResolver, above: str, parts: dict[str, str]) -> Iterator[Address]:
    for each in resolver.url_patterns:
        route = above + str(each.pattern)
        known = parts | {
            name: type(converter).__name__.removesuffix("Converter").lower()
            for name, converter in each.pattern.converters.items()
        }
        if isinstance(each, URLResolver):
            yield from _walk(each, route, known)
        elif isinstance(each, URLPattern):
            yield Address(each.name or "", route, each.callback, known)
