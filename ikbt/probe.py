"""Ask one page and say by exit code whether it answered 200: the health check of a container.

python -m ikbt.probe http://127.0.0.1:8000/ready/
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request


def answers(url: str, seconds: float = 5) -> bool:
    """Return whether the page answers 200 in time. Proxies of the environment are not used."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
