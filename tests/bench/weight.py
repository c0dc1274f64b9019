"""What a first visit fetches: the page, its style sheets, scripts with what they import, and icons, each compressed."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from posixpath import join, normpath

from django.conf import settings
from django.contrib.staticfiles import finders

HEAVIEST = 40 * 1024  # bytes
IMPORTED = re.compile(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""")


def first_visit(page: bytes) -> dict[str, int]:
    """Return the bytes of each file of a first visit, as sent with gzip; the page itself is ""."""
    found = {"": len(gzip.compress(page))}
    waiting = _linked(page.decode())
    while waiting:
        name = waiting.pop()
        if name not in found:
            path = finders.find(name)
            if path is None:
                raise FileNotFoundError(name)
            content = Path(path).read_bytes()
            found[name] = len(gzip.compress(content))
            if name.endswith(".js"):
                imports = IMPORTED.findall(content.decode())
                waiting += [normpath(join(name, "..", other)) for other in imports]
    return found


def _linked(page: str) -> list[str]:
    links = _Links()
    links.feed(page)
    prefix = settings.STATIC_URL
    return [address.removeprefix(prefix).partition("?")[0] for address in links.found if address.startswith(prefix)]


class _Links(HTMLParser):
    """Collects what a browser fetches without being asked: link, script and img."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"link": "href", "script": "src", "img": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]
