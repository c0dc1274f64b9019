"""Patients who write over HTTP, and try again with the same key until they have a receipt."""

from __future__ import annotations

import http.client
import random
import threading
import time
from dataclasses import dataclass, field
from queue import Empty, Queue
from urllib.parse import urlencode
from uuid import UUID, uuid5

from programs.shipped import instruments
from tests.chaos.patients import CSRF, SignedIn

RISKY = [
    "Jag orkar inte leva längre. Skriver det här till dig för att någon ska veta.",
    "Det vore bättre för alla om jag var död, tänker jag varje kväll.",
    "Jag vill inte leva. Förlåt att jag skriver det så rakt.",
    "Har tänkt ta livet av mig. Det känns lugnt på något sätt.",
]
THREADS = 8
GIVE_UP_SECONDS = 45.0
NAMESPACE = UUID("7b0e2a2c-6a3f-4f0e-9f63-0c8a4e3a1d11")


@dataclass(frozen=True)
class Submit:
    """One thing to send: where, the form's fields, and the key that makes a replay harmless."""

    patient: SignedIn
    path: str
    fields: dict[str, str]
    key: UUID
    risky: bool


@dataclass
class Outcome:
    """What the patients saw. `receipts` hold the keys that were answered with a receipt."""

    receipts: set[UUID] = field(default_factory=set)
    refused: int = 0
    retries: int = 0
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def plan(patients: list[SignedIn], count: int, seed: int) -> list[Submit]:
    """Return `count` messages with risk in free text, and beside every fourth a PHQ-9 with item 9 = 0."""
    chance, found = random.Random(seed), []
    for number in range(count):
        patient = patients[number % len(patients)]
        text = f"{chance.choice(RISKY)} ({number})"
        key = uuid5(NAMESPACE, f"{seed}:message:{number}")
        found.append(Submit(patient, "/my/messages/", {"text": text}, key, risky=True))
        if number % 4 == 0 and number < len(patients):
            zeros = {str(item): "0" for item in range(1, 10)} | {"form_version": instruments()["phq9"].version}
            key = uuid5(NAMESPACE, f"{seed}:phq9:{number}")
            found.append(Submit(patient, "/my/measures/phq9/", zeros, key, risky=False))
    return found


def send_all(port: int, submits: list[Submit], seconds: float) -> Outcome:
    """Send everything, evenly over the time; each until it has a receipt or the patient gives up."""
    outcome, queue = Outcome(), Queue[Submit]()
    pause = seconds / len(submits) * THREADS

    def work() -> None:
        while True:
            try:
                submit = queue.get_nowait()
            except Empty:
                return
            began = time.monotonic()
            _send_until_receipt(port, submit, outcome)
            time.sleep(max(0.0, pause - (time.monotonic() - began)))

    for submit in submits:
        queue.put(submit)
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _send_until_receipt(port: int, submit: Submit, outcome: Outcome) -> None:
    end = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < end:
        began = time.monotonic()
        status = _post(port, submit)
        with outcome.lock:
            if status in {302, 303}:
                outcome.receipts.add(submit.key)
                outcome.seconds.append(time.monotonic() - began)
                return
            outcome.retries += 1
            outcome.refused += status is not None
        time.sleep(0.3)


def _post(port: int, submit: Submit) -> int | None:
    """Return the status, None when the connection broke. Only a redirect is a receipt."""
    body = urlencode(submit.fields | {"csrfmiddlewaretoken": CSRF, "idempotency_key": str(submit.key)})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": submit.patient.cookies}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", submit.path, body, headers)
        response = connection.getresponse()
        response.read()
        return None if "/accounts/" in (response.getheader("Location") or "") else response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
