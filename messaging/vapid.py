"""The key with which push services know us (VAPID, RFC 8292), as one line of base64url: 32 bytes of a P-256 key.

Imports neither Django nor models: settings make the key at first run.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


class BadKey(ValueError):
    """The text is not a private key of 32 bytes in base64url."""


def new_private_key() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


@cache
def signer(private_key: str) -> Vapid02:
    """Return what signs requests to push services. Raise BadKey."""
    try:
        raw = urlsafe_b64decode(private_key + "=" * (-len(private_key) % 4))
        if len(raw) != 32:
            raise BadKey("not 32 bytes")
        return Vapid02(ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()))
    except ValueError as error:
        raise BadKey("not a private key of P-256 in base64url") from error


def public_key(private_key: str) -> str:
    """Return what a browser asks for as `applicationServerKey`: the uncompressed point, base64url."""
    point = signer(private_key).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")
