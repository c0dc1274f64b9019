"""One HTTP request to another house: no redirect is followed, no proxy is asked, and the whole has a time limit.

A push endpoint is an address that a browser gave us, so that anybody with an account could make us knock at doors
inside the operator's network (server-side request forgery, CWE-918). Such an address must be https on port 443 of a
host all of whose addresses are public, and the connection goes to the very address that was looked at: a name that
answers differently the next time (DNS rebinding) gains nothing. What is not understood is refused.
"""

from __future__ import annotations

import ssl
import threading
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from urllib.parse import SplitResult, urlsplit

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 15.0
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address stands in the last 32 bits
HTTPS = 443


class Forbidden(Exception):
    """The address is not one that we may knock at."""


class NoAnswer(Exception):
    """Nobody answered in time, or not in HTTP."""


def refuse_inner(url: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raise Forbidden unless the form of the address is https on 443, or its origin is explicitly allowed."""
    parts = _split(url)
    if _origin(parts) in allowed:
        return
    if parts.scheme != "https" or (parts.port or HTTPS) != HTTPS or parts.username or parts.password:
        raise Forbidden("only https on port 443")
    literal = _literal(parts.hostname or "")
    if literal is not None and not is_public(literal):
        raise Forbidden("not a public address")


def call(
    url: str,
    *,
    method: str = "POST",
    headers: dict[str, str],
    body: bytes,
    trusted: bool = False,
    allowed: frozenset[str] = frozenset(),
) -> int:
    """Return the status of the answer; raise Forbidden or NoAnswer.

    `trusted` is for addresses from the operator's settings; all others go to public addresses only, except origins
    (scheme://host:port) that are `allowed`.
    """
    parts = _split(url)
    if not trusted:
        refuse_inner(url, allowed)
    anywhere = trusted or _origin(parts) in allowed
    host, port = parts.hostname or "", parts.port or (HTTPS if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line = _tls(_connected(host, port, anywhere=anywhere), host, parts.scheme)
        limit = threading.Timer(WHOLE_SECONDS, _hang_up, [line])
        limit.start()
        try:
            return _ask(line, parts, method, path, headers, body)
        finally:
            limit.cancel()
            line.close()
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether the address is reachable from everywhere; an IPv4 address within an IPv6 one is looked at too."""
    inner: IPv4Address | None = None
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _connected(host: str, port: int, *, anywhere: bool) -> socket:
    """Return a connection to one of the host's addresses, all of which must be public."""
    places = [place[4][:2] for place in getaddrinfo(host, port, type=SOCK_STREAM)]
    if not anywhere and not all(is_public(ip_address(str(place[0]).partition("%")[0])) for place in places):
        raise Forbidden("not a public address")
    problem: OSError | None = None
    for address, at in places:
        try:
            return create_connection((str(address), int(at)), CONNECT_SECONDS)
        except OSError as error:
            problem = error
    raise problem or OSError("no address")


def _tls(line: socket, host: str, scheme: str) -> socket:
    """Return the line, wrapped where the scheme asks for it; hands are shaken later, within the time limit."""
    if scheme != "https":
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)


def _ask(line: socket, parts: SplitResult, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = line
    try:
        connection.request(method, path, body, headers | {"Host": parts.netloc, "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def _hang_up(line: socket) -> None:
    """End a conversation that drips: each single byte in time, and never an end."""
    try:
        line.shutdown(SHUT_RDWR)
    except OSError:
        return


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise Forbidden("not an address") from error
    if not known:
        raise Forbidden("not an address")
    return parts


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
