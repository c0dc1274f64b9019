"""A module's pages: read, answer, save as you go, send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import Permission, requires
from programs.actions import (
    AnswersRefused,
    DraftConflict,
    NotOpen,
    keep_line,
    remember_page,
    remove_line,
    save_draft,
    send_module,
)
from programs.actions.answers import step_key
from programs.doors import own_step
from programs.editions import notices_over
from programs.forms import PageForm
from programs.forms.questions import typed_answers
from programs.forms.typed import as_posted, replaces, typed, without_a_field, without_blanks
from programs.models import Draft, Page
from programs.pages.reading import ModuleReading, page_key
from programs.pages.recall import questions_on
from programs.treatment.changes import moved_date
from programs.views.forms import key_in, unanswered_in, version_in
from programs.views.short import tool_url, waits


@require_safe
@requires(Permission.DO_TREATMENT)
def module(request: HttpRequest, step: UUID) -> HttpResponse:
    """Lead to the page where the patient was."""
    now = timezone.now()
    opened = own_step(request, step, now)
    reading = ModuleReading(opened, now)
    if not reading.pages:
        raise Http404
    if reading.standing.is_gated:
        return waits(request, reading)
    here = reading.page(opened.last_page) or reading.pages[0]
    return redirect("module-page", opened.code, here.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def page(request: HttpRequest, step: UUID, page: str) -> HttpResponse:
    """Show a page, or save what was written on it and go on."""
    reading, here = _open(request, step, page)
    if request.method == "POST":
        return _go_on(request, reading, here)
    if reading.standing.is_gated:
        return waits(request, reading)
    if reading.standing.may_write:
        remember_page(step=reading.step, page=here.slug, now=reading.now)
    return _show(request, reading, here, reading.form(here))


@require_POST
@requires(Permission.DO_TREATMENT)
def send(request: HttpRequest, step: UUID) -> HttpResponse:
    """Send what was written on all pages of the module."""
    reading, last = _open(request, step, "")
    refused = _save(request, reading, last)
    if refused:
        return refused
    forms = {each.slug: reading.form(each, data=_as_it_stands(reading, each)) for each in reading.pages}
    for each in reading.pages:
        if not forms[each.slug].is_valid():
            return _show(request, reading, each, forms[each.slug])
    answers = {name: answer for form in forms.values() for name, answer in form.answers().items()}
    key = key_in(request) or _next_key(reading)
    try:
        send_module(
            step=reading.step, answers=answers, key=key, by=reading.step.treatment.patient.user, now=reading.now
        )
    except (AnswersRefused, NotOpen):
        return _closed(request, reading, last, forms[last.slug])
    return redirect("module-receipt", reading.step.code)


def _open(request: HttpRequest, step: UUID, page: str) -> tuple[ModuleReading, Page]:
    """Return the module as the patient reads it and the page; "" is the page from which it is sent.

    What is posted to a page that the text has no more (another edition came meanwhile) stands on the first one.
    """
    now = timezone.now()
    reading = ModuleReading(own_step(request, step, now), now)
    here = reading.page(page) if page else reading.last
    if here is None and request.method == "POST" and reading.pages:
        here = reading.pages[0]
    if here is None:
        raise Http404
    return reading, here


def _go_on(request: HttpRequest, reading: ModuleReading, here: Page) -> HttpResponse:
    refused = _save(request, reading, here)
    if refused:
        return refused
    if "later" in request.POST:
        messages.success(request, _("Everything is saved. Come back when it suits you."))
        return redirect("patient-home")
    if name := request.POST.get("keep") or request.POST.get("unkeep"):
        return _keep(request, reading, here, name)
    if tool := reading.tool_block(request.POST.get("tool", "")):
        return redirect(tool_url(reading, tool))
    form = reading.form(here, data=request.POST)
    if not form.is_valid():
        return _show(request, reading, here, form)
    following = reading.after(here) or here
    return redirect("module-page", reading.step.code, following.slug)


def _keep(request: HttpRequest, reading: ModuleReading, here: Page, name: str) -> HttpResponse:
    """Save a line of the page in the plan ahead, or take it out again. What was written there is saved already."""
    parts = reading.parts(here, reading.form(here))
    button = next((each for part in parts for each in part.buttons if each.name == name), None)
    if button is None:
        raise Http404
    module, treatment = reading.step.module, reading.step.treatment
    source = _("Part %(number)d: %(title)s") % {"number": module.number, "title": module.title}
    by, now = treatment.patient.user, reading.now
    line = keep_line(treatment=treatment, origin=button.origin, source=source, text=button.text, by=by, now=now)
    if "unkeep" in request.POST:
        remove_line(line=line, by=by, now=now)
    place = reverse("module-page", args=[reading.step.code, here.slug])
    return redirect(f"{place}#{button.place}")


def _save(request: HttpRequest, reading: ModuleReading, here: Page) -> HttpResponse | None:
    """Keep what was posted as the page's draft; return a page that says why where that cannot be done."""
    form = reading.form(here, data=request.POST)
    left_over = without_a_field(request.POST, form.fields)
    if not reading.standing.may_write:
        return _closed(request, reading, here, form)
    data = typed(request.POST, form.fields)
    draft = reading.drafts.get(here.slug)
    if left_over and not data:
        return _show(request, reading, here, reading.form(here), left_over=left_over)
    if draft is None and not left_over and _is_untouched(reading, here, data):
        return None
    try:
        reading.drafts[here.slug] = _store(request, reading, here, data, version_in(request))
    except DraftConflict as conflict:
        stored = conflict.draft
        own = without_blanks(typed(unanswered_in(request), form.fields)) == without_blanks(stored.data)
        if not (own or replaces(data, stored.data)):
            return _two_places(request, reading, here, form, stored)
        reading.drafts[here.slug] = _store(request, reading, here, data, stored.version)
    return _show(request, reading, here, form, left_over=left_over) if left_over else None


def _store(request: HttpRequest, reading: ModuleReading, here: Page, data: dict[str, Any], version: int) -> Draft:
    treatment = reading.step.treatment
    draft, _changed = save_draft(
        owner=treatment.patient.user, treatment=treatment, form_key=page_key(reading.step, here), data=data,
        version=version, now=reading.now,
    )  # fmt: skip
    return draft


def _is_untouched(reading: ModuleReading, here: Page, data: dict[str, Any]) -> bool:
    """Say whether the page was posted with nothing but what was sent from it before, or with nothing at all."""
    return without_blanks(data) == without_blanks(typed_answers(questions_on(here), reading.sent_here))


def _as_it_stands(reading: ModuleReading, page: Page) -> Any:
    """Return the page as if it were posted now: its draft, else what was sent from it."""
    if page.slug in reading.drafts:
        return as_posted(reading.drafts[page.slug].data)
    return as_posted(reading.form(page).initial if reading.sent_here else {})


def _show(request: HttpRequest, reading: ModuleReading, here: Page, form: PageForm, **more: Any) -> HttpResponse:
    step, draft, standing = reading.step, reading.drafts.get(here.slug), reading.standing
    parts = reading.parts(here, form)
    is_last = here.pk == reading.last.pk
    before = reading.before(here)
    context = {
        "step": step, "module": step.module, "page": here, "total": len(reading.pages), "parts": parts, "form": form,
        "pages": reading.pages, "before": before, "is_last": is_last, "may_write": standing.may_write,
        "standing": standing, "why_shut": standing.why if "is_closed" in more or not standing.may_write else "",
        "moved": moved_date(step), "lang": reading.lang,
        "key": key_in(request) or _next_key(reading), "version": draft.version if draft else 0,
        "saved_at": draft.updated_at if draft else None, "form_key": page_key(step, here),
        "page_url": reverse("module-page", args=[step.code, here.slug]),
        "therapist": standing.reader.name, "is_draft": step.module.revision.is_draft,
        "corrections": notices_over(here, step.module),
        **more,
    }  # fmt: skip
    return render(request, "programs/page.html", context, status=409 if more else 200)


def _next_key(reading: ModuleReading) -> UUID:
    return step_key(reading.step, reading.sent.get(reading.step.module.slug))


def _two_places(request: HttpRequest, reading: ModuleReading, here: Page, form: PageForm, other: Draft) -> HttpResponse:
    """Show both versions: what was posted stands in the form, the other beside it. The next save decides."""
    reading.drafts[here.slug] = other
    written = {name for name, field in form.fields.items() if not hasattr(field.widget, "choices")}
    texts = [str(other.data[name]) for name in form.fields if name in written and str(other.data.get(name, "")).strip()]
    return _show(request, reading, here, form, other_texts=texts, saved_at=None)


def _closed(request: HttpRequest, reading: ModuleReading, here: Page, form: PageForm) -> HttpResponse:
    left_over = without_a_field(request.POST, form.fields)
    return _show(request, reading, here, form, is_closed=True, left_over=left_over)
