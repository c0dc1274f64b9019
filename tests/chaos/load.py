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
from programs.treatment.stuck import reasons
from tests.chaos.patients import CSRF, SignedIn

RISKY = [
    "Jag orkar inte leva längre. Skriver det här till dig för att någon ska veta.",
    "Det vore bättre för alla om jag var död, tänker jag varje kväll.",
    "Jag vill inte leva. Förlåt att jag skriver det så rakt.",
    "Har tänkt ta livet av mig. Det känns lugnt på något sätt.",
]
THREADS = 16
GIVE_UP_SECONDS = 45.0
REASON = next(iter(reasons()))
MEASURE = "/my/measures/phq9/"
NAMESPACE = UUID("7b0e2a2c-6a3f-4f0e-9f63-0c8a4e3a1d11")


@dataclass(frozen=True)
class Submit:
    """One thing to send: where, the form's fields, and the key that makes a replay harmless."""

    patient: SignedIn
    path: str
    fields: dict[str, str]
    key: UUID
    risky: bool


@dataclass(frozen=True)
class Try:
    """One request: when it was asked, after how many seconds it ended, and how; None: the line broke."""

    asked: float
    seconds: float
    status: int | None


@dataclass
class Outcome:
    """What the patients saw. `answered` has the keys that were answered with a receipt."""

    answered: dict[UUID, float] = field(default_factory=dict)  # when the try began that was answered
    refused: int = 0
    retries: int = 0
    tries: list[Try] = field(default_factory=list)
    ended: list[tuple[float, float]] = field(default_factory=list)  # those with a receipt: when, after how many seconds
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def receipts(self) -> set[UUID]:
        return set(self.answered)

    @property
    def seconds(self) -> list[float]:
        return [seconds for _at, seconds in self.ended]


def plan(patients: list[SignedIn], count: int, seed: int) -> list[Submit]:
    """Return `count` risky things to send: half of them messages, a third items, the rest words about a slow week.

    Beside every tenth a PHQ-9 without any danger, whose flag would be a ghost.
    """
    chance, found = random.Random(seed), []
    for number in range(count):
        patient = patients[number % len(patients)]
        key = uuid5(NAMESPACE, f"{seed}:{number}")
        path, fields = chance.choices([_message, _items, _stuck], weights=[3, 2, 1])[0](chance, number)
        found.append(Submit(patient, path, fields, key, risky=True))
        if number % 10 == 0:
            key = uuid5(NAMESPACE, f"{seed}:harmless:{number}")
            found.append(Submit(patient, MEASURE, _phq9(0), key, risky=False))
    return found


def _message(chance: random.Random, number: int) -> tuple[str, dict[str, str]]:
    return "/my/messages/", {"text": f"{chance.choice(RISKY)} ({number})"}


def _items(chance: random.Random, number: int) -> tuple[str, dict[str, str]]:
    return MEASURE, _phq9(chance.choice([1, 2, 3]))


def _stuck(chance: random.Random, number: int) -> tuple[str, dict[str, str]]:
    return "/my/stuck/", {"reason": REASON, "words": f"{chance.choice(RISKY)} ({number})"}


def _phq9(risk: int) -> dict[str, str]:
    return {str(item): "0" for item in range(1, 9)} | {"9": str(risk), "form_version": instruments()["phq9"].version}


def send_all(port: int, submits: list[Submit], seconds: float, give_up: float = GIVE_UP_SECONDS) -> Outcome:
    """Send everything, evenly over the time; each until it has a receipt or the patient gives up (seconds)."""
    outcome, queue = Outcome(), Queue[Submit]()
    pause = seconds / len(submits) * THREADS

    def work() -> None:
        while True:
            try:
                submit = queue.get_nowait()
            except Empty:
                return
            began = time.monotonic()
            _send_until_receipt(port, submit, outcome, give_up)
            time.sleep(max(0.0, pause - (time.monotonic() - began)))

    for submit in submits:
        queue.put(submit)
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _send_until_receipt(port: int, submit: Submit, outcome: Outcome, give_up: float) -> None:
    end = time.monotonic() + give_up
    while time.monotonic() < end:
        asked, began = time.time(), time.monotonic()
        status = _post(port, submit)
        with outcome.lock:
            outcome.tries.append(Try(asked, time.monotonic() - began, status))
            if status in {302, 303}:
                outcome.answered[submit.key] = asked
                outcome.ended.append((time.time(), time.monotonic() - began))
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
