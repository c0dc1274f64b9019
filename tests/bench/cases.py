"""What is measured: each page or form with its budget, visited with one row and with many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import User
from programs.models import Page, Step, Treatment
from programs.shipped import instruments
from tests.bench.world import Ward, World, flag_of

Act = Callable[[], HttpResponse]
_texts = count(1)
FORM = "application/x-www-form-urlencoded"  # as a browser sends a form; the test client takes longer for its own way


@dataclass(frozen=True)
class Case:
    """One line of the table. `usual` is timed against the floor; `few` and `many` must ask equally many questions.

    `budget` is the ratio that architecture §8 gives, or that it gives the nearest kind of page. A page may ask at most
    twelve questions; what is sent is no page.
    """

    name: str
    budget: float
    floor: Act
    usual: Act
    few: Act
    many: Act
    is_page: bool = True


class Visitors:
    """Signed-in browsers, one per person."""

    def __init__(self) -> None:
        self._clients: dict[int, Client] = {}

    def get(self, user: User, url: str) -> Act:
        client = self.client(user)
        return lambda: client.get(url)

    def client(self, user: User) -> Client:
        if user.pk not in self._clients:
            client = Client(SERVER_NAME="localhost")
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self._clients[user.pk] = client
        return self._clients[user.pk]


def cases(world: World, visitors: Visitors) -> list[Case]:
    """Return every case, patients' first."""
    return [*_patient_cases(world, visitors), *_staff_cases(world, visitors)]


def _patient_cases(world: World, visitors: Visitors) -> list[Case]:
    few, usual, many = world.one.treatments[0], world.usual, world.rich
    floor_path = "/floor/patient/"
    floor = visitors.get(usual.patient.user, floor_path)

    def case(name: str, budget: float, act: Callable[[Treatment], Act], *, is_page: bool = True) -> Case:
        return Case(name, budget, floor, act(usual), act(few), act(many), is_page)

    def page(url: Callable[[Treatment], str]) -> Callable[[Treatment], Act]:
        return lambda treatment: visitors.get(treatment.patient.user, url(treatment))

    send = _Sending(visitors)
    for treatment in world.unflagged.treatments:
        visitors.client(treatment.patient.user).get(floor_path)  # signed in and awake before the clock starts
    return [
        case("home", 3, page(lambda _: reverse("patient-home"))),
        case("module page", 4, page(module_page)),
        case("questionnaire", 5, page(lambda _: reverse("measure", args=["phq9"]))),
        case("tool", 4, page(lambda _: reverse("tool", args=["mood_log"]))),
        case("messages", 4, page(lambda _: reverse("messages"))),
        case("autosave", 5, send.autosave, is_page=False),
        Case(
            "submit", 5, floor, lambda: send.phq9(world.sender, risk=0), lambda: send.phq9(few, risk=0),
            lambda: send.phq9(many, risk=0), is_page=False,
        ),
        Case(
            "submit, flag raised", 5, floor, lambda: send.phq9(next(world.next_unflagged), risk=2),
            lambda: send.phq9(few, risk=2), lambda: send.phq9(many, risk=2), is_page=False,
        ),
    ]  # fmt: skip


def _staff_cases(world: World, visitors: Visitors) -> list[Case]:
    one, fifty, crowd, worklist = world.one, world.fifty, world.crowd, reverse("worklist")
    floor = visitors.get(fifty.therapist, "/floor/staff/")

    def view(treatment: Treatment) -> Act:
        return visitors.get(treatment.assignment.therapist, reverse("patient", args=[treatment.patient.code]))

    def flag(treatment: Treatment) -> Act:
        return visitors.get(treatment.assignment.therapist, reverse("flag", args=[flag_of(treatment).code]))

    def case(name: str, budget: float, many: Ward, act: Callable[[Ward], Act]) -> Case:
        return Case(name, budget, floor, act(many), act(one), act(many))

    few, usual, rich = one.treatments[0], world.usual, world.rich
    return [
        case("work list, 50 patients", 5, fifty, lambda ward: visitors.get(ward.therapist, worklist)),
        case("work list, the clinic", 5, fifty, lambda ward: visitors.get(ward.therapist, f"{worklist}?tab=clinic")),
        Case("patient view", 5, floor, view(usual), view(few), view(rich)),
        Case("flag review", 5, floor, flag(usual), flag(few), flag(rich)),
        case("absence", 4, crowd, lambda ward: visitors.get(ward.therapist, reverse("absence"))),
        case("absence preview, 50 patients", 8, fifty, lambda ward: _preview(visitors, ward)),
        case("cover of the clinic", 8, crowd, lambda ward: visitors.get(ward.lead, reverse("clinic-absence"))),
        case("flags and clocks, 50 flags", 5, crowd, lambda ward: visitors.get(ward.lead, reverse("clinic-flags"))),
        case("dashboard", 8, fifty, lambda ward: visitors.get(ward.lead, reverse("dashboard"))),
    ]


def module_page(treatment: Treatment) -> str:
    """Return the first page of the first module that asks something and is not the last."""
    step = Step.objects.open().filter(treatment=treatment).order_by("module__number").first()
    pages = list(Page.objects.filter(module=step.module).order_by("number"))
    asks = (page for page in pages[:-1] if any(block["type"] == "question" for block in page.blocks))
    return reverse("module-page", args=[step.code, next(asks, pages[0]).slug])


class _Sending:
    """What patients send. Each time it is something new: a replay would be cheaper than the real thing."""

    def __init__(self, visitors: Visitors) -> None:
        self.visitors = visitors

    def autosave(self, treatment: Treatment) -> Act:
        client, version = self.visitors.client(treatment.patient.user), count()
        url = reverse("autosave", args=["message"])

        def save() -> HttpResponse:
            return client.post(url, {"text": f"Jag skriver. {next(_texts)}", "version": str(next(version))})

        return save

    def phq9(self, treatment: Treatment, risk: int) -> HttpResponse:
        asked = instruments()["phq9"]
        marked = {item.id: "1" for item in asked.items} | {"9": str(risk), "function": "0"}
        data = marked | {"form_version": asked.version, "idempotency_key": str(uuid4())}
        client = self.visitors.client(treatment.patient.user)
        return client.post(reverse("measure", args=["phq9"]), urlencode(data), content_type=FORM)


def _preview(visitors: Visitors, ward: Ward) -> Act:
    client, day = visitors.client(ward.therapist), timezone.localdate() + timedelta(days=3)
    dates = {"starts_on": f"{day:%Y-%m-%d}", "ends_on": f"{day + timedelta(days=6):%Y-%m-%d}"}
    return lambda: client.post(reverse("absence"), urlencode(dates), content_type=FORM)
