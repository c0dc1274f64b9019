"""A browser of ours: it subscribes, and reads what a push service was given, as RFC 8291 and RFC 8292 tell it to."""

from __future__ import annotations

import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clinics.models import User
from messaging.models import PushSubscription
from tests.cast import NOW
from tests.messaging.sinks import Request


def to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """Keys as a browser makes them: a pair on P-256, and sixteen secret bytes."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        return to_text(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def posted(self, endpoint: str) -> dict[str, str]:
        """Return what the page posts when the person presses the button."""
        return {"endpoint": endpoint, "p256dh": self.p256dh, "auth": to_text(self.secret)}

    def subscribed(self, user: User, endpoint: str) -> PushSubscription:
        return PushSubscription.objects.create(user=user, created_at=NOW, **self.posted(endpoint))

    def opened(self, request: Request) -> dict[str, Any]:
        """Return the decrypted notice; raise when it is not for this browser."""
        assert request.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(request.body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        shown: dict[str, Any] = json.loads(plain)
        return shown


def signed_claims(request: Request, public_key: str) -> dict[str, Any]:
    """Return what the signature claims (RFC 8292 §2); raise when it is not made with the key that belongs to the page.

    The signature is checked with `cryptography` alone, not with the library that made it.
    """
    scheme, _space, given = request.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in given.split(","))
    assert scheme == "vapid"
    assert parts["k"] == public_key
    signed, _dot, signature = parts["t"].rpartition(".")
    raw = to_bytes(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to_bytes(public_key))
    key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(to_bytes(signed.split(".")[1]))
    assert time.time() < claims["exp"] <= time.time() + 24 * 60 * 60
    return claims
