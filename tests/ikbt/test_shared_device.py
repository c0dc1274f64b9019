"""A computer that others use too: whose answers a page takes. The pages: tests/guards/test_patient_pages.py."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("friday_morning")
MEASURE = "/my/measures/phq9/"
MARKED = {str(item): "0" for item in range(1, 9)} | {"9": "2", "form_version": instruments()["phq9"].version}


@pytest.mark.hazard("H11d")
def test_answers_on_a_page_that_another_patient_left_open_are_of_who_is_signed_in(
    cast: Cast, anna: Client, client: Client
) -> None:
    key = {"idempotency_key": str(uuid4())}
    client.force_login(cast.erik)
    assert client.post(MEASURE, MARKED | key).status_code == 302
    client.force_login(cast.anna)
    assert client.post(MEASURE, MARKED | key).status_code == 302
    sent = Submission.objects.order_by("pk").values_list("treatment", flat=True)
    assert list(sent) == [cast.eriks.pk, cast.annas.pk]
    assert set(Flag.objects.values_list("patient", flat=True)) == {cast.eriks.patient_id, cast.annas.patient_id}
