"""The people of a clinic: their week, what they treat with, leaving, loans. Refused while a patient would be alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinics import actions
from clinics.access import Permission, clinics_of, requires, roles_of, signed_in
from clinics.models import Clinic, Membership, Role, User
from clinics.people_forms import LastDayForm, LoanForm, ProgrammesForm, WeekForm
from programs.models import Revision
from riskmonitor.access import SETTING, managed_memberships
from riskmonitor.actions import let_leave
from riskmonitor.views.refusing import tried, why


@dataclass
class Post:
    """One membership on the page with its forms; those that are None do not fit it."""

    membership: Membership
    leaving: LastDayForm
    week: WeekForm | None
    programmes: ProgrammesForm | None
    loan: LoanForm | None

    def form(self, asked: str) -> forms.Form | None:
        found: dict[str, forms.Form | None] = {
            "leaving": self.leaving, "week": self.week, "programmes": self.programmes, "loan": self.loan,
        }  # fmt: skip
        return found.get(asked)


@require_safe
@requires(Permission.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """List who works at the clinics that one leads or administers."""
    managed = clinics_of(signed_in(request), *SETTING)
    held = Membership.objects.current().filter(clinic__in=managed).select_related("user", "clinic", "lent_from")
    titles = _titles()
    rows: dict[Clinic, list[tuple[Membership, str]]] = {clinic: [] for clinic in managed}
    for each in held.prefetch_related("competences").order_by("user__sort_name", "pk"):
        treats = sorted(titles.get(known.programme, known.programme) for known in each.competences.all())
        rows[each.clinic].append((each, ", ".join(treats)))  # type: ignore[index]  # of a clinic that is managed
    return render(request, "clinics/people.html", {"clinics": rows.items()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def person(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show a person's posts; change one of them, or close the account."""
    now, held = timezone.now(), managed_memberships(request, code)
    asked = request.POST.get("do", "")
    weeks = _with_a_week(held)
    posts = [
        _post(each, request.POST if request.POST.get("post") == str(each.pk) else None, asked, has_week=each in weeks)
        for each in held
    ]
    context: dict[str, Any] = {"person": held[0].user, "posts": posts, "may_close": _may_close(request), "error": ""}
    if request.method == "POST":
        chosen = next((each for each in posts if request.POST.get("post") == str(each.membership.pk)), None)
        verb = _verb(request, asked, chosen, held[0].user, now)
        if verb is not None:
            refused = tried(verb)
            if refused is None:
                let_leave(user=held[0].user, clinics=[each.clinic for each in held if each.clinic], now=now)
                messages.success(request, _("The change is saved. Nobody stands without cover because of it."))
                return redirect("clinic-people")
            context |= why(request, refused, now)
    return render(request, "clinics/person.html", context)


def _with_a_week(held: list[Membership]) -> list[Membership]:
    """Return the posts whose weekly schedule counts: that of who treats, and of who leads without treating."""
    treats = {each.clinic_id for each in held if each.role == Role.THERAPIST}
    leads = [each for each in held if each.role in (Role.LEAD, Role.DEPUTY) and each.clinic_id not in treats]
    return [each for each in held if each.role == Role.THERAPIST] + leads


def _post(membership: Membership, typed: Any, asked: str, *, has_week: bool) -> Post:
    """Return the forms of a membership; the one that was sent holds what was typed."""

    def data(name: str) -> dict[str, Any]:
        return {"data": typed if name == asked else None, "prefix": f"{name}-{membership.pk}"}

    leaving = LastDayForm(**data("leaving"), initial={"last_day": membership.last_day})
    shifts = membership.working_hours.values_list("weekday", "starts", "ends")
    week = WeekForm(**data("week"), shifts=shifts) if has_week else None
    if membership.role != Role.THERAPIST:
        return Post(membership, leaving, week, None, None)
    slugs = list(membership.competences.values_list("programme", flat=True))
    here = membership.clinic
    others = Clinic.objects.filter(region__clinics=here).exclude(pk=here.pk).order_by("name") if here else []
    return Post(
        membership=membership,
        leaving=leaving,
        week=week,
        programmes=ProgrammesForm(**data("programmes"), choices=_programmes(slugs), initial={"programmes": slugs}),
        loan=None if membership.lent_from_id or not others else LoanForm(**data("loan"), clinics=others),
    )


def _programmes(held: list[str]) -> list[tuple[str, str]]:
    """Return what can be chosen: every programme that was loaded, and what is held already."""
    titles = _titles()
    return sorted({slug: titles.get(slug, slug) for slug in (*held, *titles)}.items(), key=lambda each: each[1])


def _titles() -> dict[str, str]:
    """Return each programme's newest title, by its slug."""
    newest = Revision.objects.order_by("programme", "-loaded_at", "-pk").distinct("programme")
    language = get_language() or "sv"
    return {r.programme.slug: r.title.get(language) or r.title["sv"] for r in newest.select_related("programme")}


def _verb(
    request: HttpRequest, asked: str, post: Post | None, user: User, now: datetime
) -> Callable[[], object] | None:
    """Return what the button asks for, ready to be done; None when something typed must be mended first."""
    by = signed_in(request)
    if asked == "close" and _may_close(request):
        return lambda: actions.close_account(user=user, by=by, now=now)
    form = post.form(asked) if post else None
    if post is None or form is None or not form.is_valid():
        return None
    common: dict[str, Any] = {"membership": post.membership, "by": by, "now": now}
    if isinstance(form, WeekForm):
        return lambda: actions.change_working_hours(week=form.week, **common)
    if isinstance(form, ProgrammesForm):
        return lambda: actions.change_competence(programmes=form.cleaned_data["programmes"], **common)
    if isinstance(form, LoanForm):
        return lambda: actions.lend(to=form.clinic, until=form.until, **common)
    if isinstance(form, LastDayForm):
        return lambda: actions.end_membership(at=form.until, **common)
    return None


def _may_close(request: HttpRequest) -> bool:
    return Role.ADMINISTRATOR in roles_of(signed_in(request))
