"""The patient's plan: the parts in their order, what has changed, and that it was read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, requires, signed_in
from ikbt.casework.module_rows import module_task, state_of, steps_on_way
from ikbt.forms import moment_seen
from programs.actions import mark_plan_read
from programs.doors import may_write, own_treatment
from programs.treatment.changes import told
from programs.treatment.gates import Gates
from programs.treatment.readers import reads_now

SHOWN = 50  # changes on the page


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def plan(request: HttpRequest) -> HttpResponse:
    """Show the whole plan; a post says that what had changed when the page was drawn has been read."""
    now = timezone.now()
    treatment = own_treatment(request, what="plan", now=now)
    if request.method == "POST":
        seen = moment_seen(request.POST.get("seen_at", ""))
        mark_plan_read(treatment=treatment, by=signed_in(request), now=now, until=seen)
        return redirect("patient-home")
    gates, reader = Gates(treatment), reads_now(treatment, now)
    modules = [state_of(step, gates) for step in steps_on_way(treatment)]
    changes = treatment.plan_changes.select_related("by", "step__module")[:SHOWN]
    context = {
        "rows": [module_task(module, reader.name) for module in modules],
        "done": sum(module.sent_at is not None for module in modules),
        "changes": [told(change, get_language() or "sv") for change in changes],
        "unread": any(change.seen_at is None for change in changes) and may_write(treatment),
        "may_write": may_write(treatment), "now": now,
    }  # fmt: skip
    return render(request, "patient/plan.html", context)
