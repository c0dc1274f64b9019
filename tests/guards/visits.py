"""How the addresses of the world are filled in, what is posted to them, and how they are asked."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from programs.plans.plans_for_crisis import latest_plan
from programs.shipped import instruments
from riskmonitor.flags.seen import newest
from tests.cast import PROGRAMME
from tests.guards.addresses import Address
from tests.guards.world import NOWHERE, Sent, World

# Which code of a patient's stands in the address, by the start of the address and the name of the part.
PARTS: dict[str, dict[str, Any]] = {
    "patients/": {
        "code": lambda sent: sent.treatment.patient.code,
        "step": lambda sent: sent.opened.code,
        "submission": lambda sent: sent.submission.code,
        "report": lambda sent: sent.report.code,
    },
    "flags/": {"code": lambda sent: sent.flag.code},
    "clinic/plans/": {"clinic": lambda sent: sent.treatment.patient.clinic.code},
    "clinic/hours/": {"clinic": lambda sent: sent.treatment.patient.clinic.code},
    "clinic/cover/": {"code": lambda sent: sent.treatment.patient.code},
    "clinic/flags/": {"code": lambda sent: sent.flag.code},
    "clinic/follow-ups/": {"code": lambda sent: sent.treatment.code},
    "my/copies/": {"code": lambda sent: sent.copy.code},
    "my/": {
        "step": lambda sent: sent.opened.code,
        "code": lambda sent: sent.submission.code,
        "submission": lambda sent: sent.entry.code,
        "message": lambda sent: sent.answer.code,
    },
}
WORDS = {
    "gate": "prov-ok",
    "page": "forsta",
    "instrument": "phq9",
    "tool": "mood_log",
    "who": "anna",
    "form_key": "message",
    "programme": PROGRAMME,
    "version": "0" * 12,  # the revision of the cast
    "module": "start",
    "plan": "now",
}
INTERVIEW = "c_ssrs"
OTHER_WORDS = dict.fromkeys(WORDS, "finns-inte") | {"who": "x", "form_key": "x"}
BY_MAIL = {  # allauth's addresses with a regular expression
    "account_confirm_email": {"key": "made-up"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "made-up"},
}
VARIANTS = {  # a second way to fill in an address, in the matrix as name@variant
    "autosave@reply": lambda sent: {"form_key": f"reply:{sent.treatment.code}"},
    "autosave@handover": lambda sent: {"form_key": f"handover:{sent.treatment.code}"},
    "autosave@phone": lambda sent: {"form_key": f"phone:{sent.treatment.code}:phq9"},
    "autosave@flag": lambda sent: {"form_key": f"flag:{sent.flag.code}"},
    "autosave@interview": lambda sent: {"form_key": f"flag:{sent.flag.code}:c_ssrs"},
    "autosave@call": lambda sent: {"form_key": "call_me"},
    "autosave@plan": lambda sent: {"form_key": "crisisplan"},
    "autosave@crisis": lambda sent: {"form_key": f"crisisplan:{sent.treatment.patient.code}"},
    "autosave@page": lambda sent: {"form_key": f"page:{sent.opened.code}:forsta"},
}


def url(world: World, address: Address, of: Sent, *, variant: str = "", **instead: Any) -> str:
    """Return the address with the codes of one patient's things; `instead` puts others in."""
    filled = {name: _part(world, address, name, kind, of) for name, kind in address.parts.items()}
    if variant:
        filled |= VARIANTS[f"{address.name}@{variant}"](of)
    return reverse(address.name, kwargs=filled | BY_MAIL.get(address.name, {}) | instead)


def to_nowhere(world: World, address: Address, of: Sent) -> str:
    """Return the address with a code that nothing has; the words in it stay."""
    return url(world, address, of, **dict.fromkeys(codes_in(address), NOWHERE))


def codes_in(address: Address) -> list[str]:
    return [name for name, kind in address.parts.items() if kind == "uuid"]


def _part(world: World, address: Address, name: str, kind: str, of: Sent) -> Any:
    if kind != "uuid":
        return INTERVIEW if address.name == "flag-interview" else WORDS[name]
    if "absence" in address.route:
        return world.absence.code
    if address.route.startswith("clinic/people/"):
        here = of.treatment.patient.clinic_id == world.cast.eken.pk
        return (world.cast.tove if here else world.cast.siv).code
    if address.route.startswith("rules/"):
        return world.dry_run.code
    if address.route.startswith("clinic/hub/"):
        return NOWHERE
    if name == "browser":
        return world.browser.code
    if address.name == "module-receipt":
        return of.handed_in.code
    if address.name == "stuck-receipt":
        return of.stuck.code
    start = max((start for start in PARTS if address.route.startswith(start)), key=len)
    code: UUID = PARTS[start][name](of)
    return code


def body(world: World, name: str, of: Sent, word: str = "Hej.") -> dict[str, Any]:
    """Return what a person would post; without an entry, an empty form."""
    phq9 = instruments()["phq9"]
    key = str(uuid4())
    measure = {str(item): "0" for item in range(1, 10)} | {"form_version": phq9.version, "idempotency_key": key}
    closing = {
        "outcome": "contacted", "contact_at": "2026-11-20T11:30", "contact_with": word, "assessment": word,
        "action": word, "checked": "1", "sure": "1", "seen": str(newest(of.flag)),
    }  # fmt: skip
    posted: dict[str, dict[str, Any]] = {
        "patient-reply": {"text": word, "idempotency_key": key},
        "patient-handover-note": {"text": word},
        "next-contact": {"next_contact_on": "2026-12-01"},
        "report-order": {"idempotency_key": key},
        "flag-document": {"assessment": word, "seen": str(newest(of.flag))},
        "flag-not-reached": {"tried": word, "try_again_at": "2026-11-20T12:15"},
        "flag-close": closing,
        "flag-pass-on": {"to": str(world.cast.tove.code), "note": word},
        "flag-reopen": {"reason": word},
        "flag-assign": {f"{of.flag.code}-to": str(world.cast.tove.code)},
        "flag-plan": {
            "based_on": "0",
            "raised": "2026-11-27T16:30",
            "audience_0": "lead",
            "wait_0": "0m",
            "repeat_0": "60m",
            "ways_0": ["email"],
        },
        "rules-try": {"days": "14", "idempotency_key": key},
        "rules-propose": {"reason": word},
        "clinic-hours": {"do": "day", "day-day": "2026-12-23", "day-hours": "8-12"},
        "next-of-kin": {"name": word, "phone": "070-111 11 11", "consent": "on"},
        "patient-next-of-kin": {"name": word, "phone": "070-111 11 11", "consent": "on"},
        "measure": measure,
        "telephone": measure,
        "messages": {"text": word, "idempotency_key": key},
        "follow-up": {"plan": "yes", "today": "no", "safe": "yes", "idempotency_key": key},
        "call-me": {"phone": "", "words": word, "idempotency_key": key},
        "asked-again": {"9": "0", "form_version": phq9.version},
        "module-page": {"q_tanke": word},
        "module-send": {"idempotency_key": key},
        "autosave": {"text": word, "version": "1"},
        "plan-line": {"line": str(of.line.key), "part": "helped"},
        "crisis-plan-edit": {"signs": word, "based_on": based_on(of), "idempotency_key": key},
        "patient-crisis-plan-edit": {"signs": word, "based_on": based_on(of), "idempotency_key": key},
        "ill-today": {"sure": "1"},
        "cover-named": {
            "therapist": str(world.cast.berit.code),
            "substitute": str(world.cast.cecilia.code),
        },
        "stuck": {"reason": "no_strength", "words": word, "idempotency_key": key},
        "module-hide": {"words": word},
        "module-move": {"to": "1"},
        "module-date": {"to": "2026-12-01", "smaller_step": word},
        "tool-add": {"tool": "goals"},
        "revision-withdraw": {"because": word},
        "revision-correct": {"place": "", "text": word},
        "copies": {"kind": "own_data", "idempotency_key": key},
        "notice-choices": {"email_about_cover": "on"},
        "account": {"language": "sv", "theme": "system", "text_size": "100"},
    }
    return posted.get(name, {})


def based_on(of: Sent) -> str:
    """Return the code of the crisis plan that the patient's form was filled from."""
    plan = latest_plan(of.treatment.patient)
    return str(plan.code) if plan else ""


def client_of(world: World, role: str) -> Client:
    client, user = Client(), world.user(role)
    if user:
        client.force_login(user)
    return client


def ask(client: Client, method: str, url: str, data: dict[str, Any] | None = None) -> HttpResponseBase:
    """Return the answer; whatever the visit changed is undone, signing out too."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.post(url, data or {}) if method == "POST" else client.generic(method, url)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer
