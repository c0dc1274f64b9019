"""The work list: who needs the therapist, in what order, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, requires, signed_in
from clinics.audit import audit_list
from ikbt.casework import caseload, rounds
from ikbt.casework.caseload import Tab
from ikbt.casework.handover_list import notable
from ikbt.casework.order import Group


@require_safe
@requires(Permission.READ_RECORD)
def worklist(request: HttpRequest) -> HttpResponse:
    """Show the list of one tab. Every name on it leaves an audit row, in one insert."""
    user, now, tab = signed_in(request), timezone.now(), _tab(request)
    found = caseload.read_caseload(user, tab, now, get_language() or "sv")
    audit_list(by=user, patients=found.rows, what=f"worklist:{tab}", now=now)
    seen = caseload.fingerprint(found.rows, now)
    context = _list(found.rows, tab, seen) | {
        "tabs": _tabs(tab, found.counts),
        "now": now,
        "absences": notable(user, found.covered_for, now),
    }
    return render(request, "worklist/worklist.html", context)


@require_safe
@requires(Permission.READ_RECORD)
def poll(request: HttpRequest) -> HttpResponse:
    """Answer 204 without patient data while the list is the one that the page shows, else with the new list."""
    user, now, tab = signed_in(request), timezone.now(), _tab(request)
    rows = caseload.read_caseload(user, tab, now, get_language() or "sv").rows
    seen = caseload.fingerprint(rows, now)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    audit_list(by=user, patients=rows, what=f"worklist:{tab}", now=now)
    return render(request, "worklist/list.html", _list(rows, tab, seen))


@require_POST
@requires(Permission.READ_RECORD)
def begin_round(request: HttpRequest) -> HttpResponse:
    """Start with the first patient who waits, and remember the others as codes."""
    user, now = signed_in(request), timezone.now()
    tab = Tab.COVERING if request.POST.get("tab") == Tab.COVERING else Tab.MINE
    rows = caseload.read_caseload(user, tab, now, get_language() or "sv").rows
    codes = [row.code for row in rows if row.waits]
    rounds.begin(request.session, codes)
    return redirect("patient", code=codes[0]) if codes else redirect("worklist")


def _tab(request: HttpRequest) -> Tab:
    asked = request.GET.get("tab", "")
    return Tab(asked) if asked in list(Tab) else Tab.MINE


def _tabs(current: Tab, counts: caseload.Counts) -> list[dict[str, Any]]:
    labels = [
        (Tab.MINE, _("Mine"), counts.mine),
        (Tab.COVERING, _("I stand in for"), counts.covering),
        (Tab.CLINIC, _("The clinic"), counts.clinic),
    ]
    return [
        {"url": f"{reverse('worklist')}?tab={tab}", "label": label, "count": count, "current": tab == current}
        for tab, label, count in labels
    ]


def _list(rows: list[caseload.Row], tab: Tab, seen: str) -> dict[str, Any]:
    titles = {
        Group.FIRST: _("Do first"),
        Group.TODAY: _("Today"),
        Group.WEEK: _("This week"),
        Group.WAITING: _("Waiting for the patient"),
    }
    groups = [(group, title, [row for row in rows if row.group == group]) for group, title in titles.items()]
    return {
        "tab": tab,
        "seen": seen,
        "rows": rows,
        "covered": sum(row.stands_in for row in rows) if tab == Tab.MINE else 0,  # not among the tab's own count
        "is_clinic": tab == Tab.CLINIC,
        "due": [each for each in groups if each[2] and each[0] != Group.WAITING],
        "resting": [each for each in groups if each[2] and each[0] == Group.WAITING],
        "waiting": sum(row.waits for row in rows),
        "flags": sum(row.flags for row in rows),
        "withdrawn": sum(row.is_withdrawn for row in rows),
        "minutes": sum(row.minutes for row in rows),
    }
