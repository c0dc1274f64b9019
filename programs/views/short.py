"""The five-minute version of a module, and what both versions lead to: a tool, or the one who opens a gate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import Permission, requires
from programs.doors import own_step
from programs.library_format import blocks
from programs.pages.reading import ModuleReading
from programs.pages.recall import questions_on


@require_safe
@requires(Permission.DO_TREATMENT)
def short(request: HttpRequest, step: UUID) -> HttpResponse:
    """Show the five-minute version: one small step, and the module's warnings."""
    now = timezone.now()
    reading = ModuleReading(own_step(request, step, now), now)
    stored = reading.step.module.short
    if stored is None:
        raise Http404
    if reading.standing.is_gated:
        return waits(request, reading)
    block = blocks.Short.build(stored)
    cautions = [each["html"] for page in reading.pages for each in page.blocks if each["type"] == "warning"]
    context = {
        "step": reading.step,
        "html": reading.filled(block.html),
        "cautions": [reading.filled(html) for html in cautions],
        "is_draft": reading.step.module.revision.is_draft,
        **_where(reading, block.does),
    }
    return render(request, "programs/short.html", context)


def waits(request: HttpRequest, reading: ModuleReading) -> HttpResponse:
    """Say who opens the module, and when: a checklist before it was taken back, or is not ticked in this edition."""
    return render(request, "programs/gate.html", {"module": reading.step.module, "why": reading.standing.why})


def _where(reading: ModuleReading, does: str) -> dict[str, Any]:
    """Return where the short version leads: the tool, or the page of the question."""
    tool = reading.tool_block(does)
    if tool:
        return {"does_url": tool_url(reading, tool), "does_tool": True}
    for page in reading.pages:
        if any(question.id == does for question in questions_on(page)):
            place = reverse("module-page", args=[reading.step.code, page.slug])
            return {"does_url": f"{place}#div_id_q_{does}", "does_tool": False}
    return {"does_url": reverse("module", args=[reading.step.code]), "does_tool": False}


def tool_url(reading: ModuleReading, tool: blocks.Tool) -> str:
    return f"{reverse('tool', args=[tool.use])}?step={reading.step.code}&block={tool.id}"
