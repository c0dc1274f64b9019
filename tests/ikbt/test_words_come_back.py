"""A staff form that stands open while the treatment, or the right to write, ends: what was typed is shown again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AccessGrant
from programs.actions import end_treatment
from programs.models import Submission, Treatment
from tests.cast import NOW, Cast
from tests.gated import make_gated_treatment

pytestmark = pytest.mark.usefixtures("friday_morning")
WORDS = "Långa ord\noch <b>fler</b>"
POSTS: list[tuple[str, list[str], dict[str, str], str]] = [
    ("module-hide", ["step"], {"words": WORDS}, "och &lt;b&gt;fler&lt;/b&gt;"),
    ("module-date", ["step"], {"to": "2026-12-01", "smaller_step": WORDS}, "2026-12-01"),
    ("sleep-window-decide", [], {"words": WORDS, "minutes": "360"}, "minutes: 360"),
    ("patient-crisis-plan-edit", [], {"signs": WORDS}, "Långa ord"),
    ("telephone", ["phq9"], {"9": "3"}, "9: 3"),
]


@pytest.mark.parametrize(("name", "rest", "data", "stands"), POSTS, ids=[post[0] for post in POSTS])
def test_what_staff_typed_comes_back_when_the_door_is_closed(
    client: Client, cast: Cast, name: str, rest: list[str], data: dict[str, str], stands: str
) -> None:
    treatment = make_gated_treatment(cast)
    patient, step = treatment.patient, treatment.steps.get(module__slug="ett")
    url = reverse(name, args=[patient.code, *(step.code if each == "step" else each for each in rest)])
    end_treatment(treatment=Treatment.objects.get(pk=treatment.pk), by=cast.berit, now=NOW)
    AccessGrant.objects.update(ends_at=NOW)  # the follow-ups were handed to somebody else
    client.force_login(cast.berit)
    answer = client.post(url, data)
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert stands in shown
    assert "sparades inte" in shown
    assert patient.user.first_name not in shown
    assert not Submission.objects.filter(treatment=treatment).exists()


@pytest.mark.parametrize(("name", "rest", "data", "stands"), POSTS[:3], ids=[post[0] for post in POSTS[:3]])
def test_it_comes_back_also_to_whoever_follows_up_after_the_end(
    client: Client, cast: Cast, name: str, rest: list[str], data: dict[str, str], stands: str
) -> None:
    treatment = make_gated_treatment(cast)
    step = treatment.steps.get(module__slug="ett")
    url = reverse(name, args=[treatment.patient.code, *(step.code for _each in rest)])
    end_treatment(treatment=Treatment.objects.get(pk=treatment.pk), by=cast.berit, now=NOW)
    client.force_login(cast.berit)
    answer = client.post(url, data)
    assert answer.status_code == 404
    assert stands in answer.content.decode()


def test_nothing_typed_is_a_closed_door_and_no_more(client: Client, cast: Cast) -> None:
    step = cast.annas.steps.get(module__number=1)
    client.force_login(cast.tove)
    answer = client.post(reverse("module-hide", args=[cast.annas.patient.code, step.code]), {"words": " "})
    assert answer.status_code == 403
    assert "sparades inte" not in answer.content.decode()
