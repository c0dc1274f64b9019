"""Who may plan a treatment, and with what: the texts that may be started, and who can be its second named person."""

from __future__ import annotations

from dataclasses import dataclass

from clinics.models import Membership, Patient, Role, User
from clinics.models.people import MAY_ASSESS
from programs.instruments import text
from programs.models import Revision, Treatment
from programs.treatment.languages import is_whole_in


@dataclass(frozen=True)
class Text:
    """One edition in one language, as it is chosen; `value` names both."""

    revision: Revision
    language: str

    @property
    def value(self) -> str:
        return f"{self.revision.programme.slug}/{self.revision.version}/{self.language}"

    def title(self, language: str) -> str:
        """Return the programme's name for staff, in their own language."""
        return text(self.revision.title, language)


def may_assess(user: User, patient: Patient) -> bool:
    """Tell whether the person may assess at the patient's clinic (architecture §5; training alone is not enough)."""
    held = Membership.objects.current().filter(user=user, clinic=patient.clinic, role=Role.THERAPIST)
    return held.filter(profession__in=MAY_ASSESS).exists()


def texts(*, demo: bool) -> list[Text]:
    """Return each programme's newest text that may be started, in each language in which it is whole."""
    startable = Revision.objects.startable(demo=demo).select_related("programme")
    newest: dict[int, Revision] = {}
    for revision in startable.order_by("programme__slug", "-edition", "-loaded_at", "-pk"):
        newest.setdefault(revision.programme_id, revision)
    return [
        Text(revision, language)
        for revision in newest.values()
        for language in dict.fromkeys((revision.facts["source_language"], *revision.facts.get("languages", ())))
        if is_whole_in(revision, language)
    ]


def seconds(patient: Patient, by: User) -> list[User]:
    """Return the colleagues who treat at the patient's clinic, by name."""
    treating = {
        "memberships__clinic": patient.clinic,
        "memberships__role": Role.THERAPIST,
        "memberships__ended_at": None,
    }
    found = User.objects.filter(is_active=True, **treating).exclude(pk__in=[by.pk, patient.user_id])
    return list(found.distinct().order_by("sort_name", "pk"))


def current_of(patient: Patient) -> Treatment | None:
    """Return the patient's treatment that is planned or runs."""
    return patient.treatments.current().select_related("assignment__therapist", "revision").first()
