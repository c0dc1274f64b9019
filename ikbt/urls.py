"""The map. Each app keeps its own streets; nouns are pages, verbs are changes."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from ikbt import health
from ikbt.views import (
    account,
    autosave,
    crisis_plan,
    errors,
    gallery,
    handover,
    help,
    home,
    meanwhile,
    moving,
    next_of_kin,
    patient,
    patient_home,
    patient_tools,
    plan,
    plan_ahead,
    receipts,
    reply,
    sleep_window,
    way,
    worklist,
)

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

# /worklist/
worklist_urls = [
    path("", worklist.worklist, name="worklist"),
    path("poll/", worklist.poll, name="worklist-poll"),
    path("round/", worklist.begin_round, name="worklist-round"),
]
# /patients/<code>/
patient_urls = [
    path("", patient.patient, name="patient"),
    path("reply/", reply.reply, name="patient-reply"),
    path("read/", patient.mark_as_read, name="patient-read"),
    path("contact/", patient.next_contact, name="next-contact"),
    path("modules/<uuid:step>/open/", patient.open_step, name="module-open"),
    # the switches on the patient's way
    path("way/", way.way, name="way"),
    path("way/tools/add/", way.add_tool, name="tool-add"),
    path("way/gates/<slug:gate>/tick/", way.tick_gate, name="gate-tick"),
    path("way/gates/<slug:gate>/withdraw/", way.withdraw_gate, name="gate-withdraw"),
    path("way/<uuid:step>/hide/", way.hide, name="module-hide"),
    path("way/<uuid:step>/show/", way.show, name="module-show"),
    path("way/<uuid:step>/repeat/", way.repeat, name="module-repeat"),
    path("way/<uuid:step>/move/", way.move, name="module-move"),
    path("way/<uuid:step>/date/", way.date, name="module-date"),
    path("edition/", moving.edition, name="patient-edition"),
    path("submissions/<uuid:submission>/", patient.submission, name="submission"),
    path("sleep-window/", sleep_window.sleep_window, name="patient-sleep-window"),
    path("sleep-window/decide/", sleep_window.decide, name="sleep-window-decide"),
    path("plan-ahead/", plan_ahead.plan_ahead, name="patient-plan-ahead"),
    path("crisis-plan/", crisis_plan.crisis_plan, name="patient-crisis-plan"),
    path("crisis-plan/edit/", crisis_plan.edit, name="patient-crisis-plan-edit"),
    path("handover/", handover.sheet, name="patient-handover"),
    path("handover/note/", handover.note, name="patient-handover-note"),
    path("next-of-kin/", next_of_kin.together, name="patient-next-of-kin"),
    path("next-of-kin/withdraw/", next_of_kin.withdraw_together, name="patient-next-of-kin-withdraw"),
    path("tools/", patient_tools.tools, name="patient-tools"),
    path("tools/<slug:tool>/", patient_tools.tool, name="patient-tool"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front, name="home"),
    path("worklist/", include(worklist_urls)),
    path("patients/<uuid:code>/", include(patient_urls)),
    # /absence/<code>/: what is handed over, and what is found on coming back
    path("absence/<uuid:code>/handover/", handover.handovers, name="absence-handover"),
    path("absence/<uuid:code>/meanwhile/", meanwhile.meanwhile, name="absence-meanwhile"),
    # /my/: what the patient sees; the receipt comes before programs.urls, where a page of any name would take its place
    path("my/", patient_home.patient_home, name="patient-home"),
    path("my/modules/<uuid:step>/receipt/", patient_home.module_receipt, name="module-receipt"),
    path("my/measures/<slug:instrument>/receipt/<uuid:code>/", receipts.measure_receipt, name="measure-receipt"),
    path("my/stuck/<uuid:code>/", receipts.stuck_receipt, name="stuck-receipt"),
    path("my/plan/", plan.plan, name="plan"),
    path("my/next-of-kin/", next_of_kin.own, name="next-of-kin"),
    path("my/next-of-kin/withdraw/", next_of_kin.withdraw_own, name="next-of-kin-withdraw"),
    path("my/drafts/<str:form_key>/", autosave.autosave, name="autosave"),
    # for everybody
    path("help/", help.help_now, name="help"),
    path("accessibility/", help.accessibility, name="accessibility"),
    path("your-data/", help.your_data, name="your-data"),
    path("account/", account.account, name="account"),
    path("", include("programs.urls")),
    path("", include("messaging.urls")),
    path("", include("riskmonitor.urls")),
    path("", include("clinics.urls")),
    path("", include("followup.urls")),
    path("accounts/", include("allauth.account.urls")),
    # for machines
    path("alive/", health.alive, name="alive"),
    path("ready/", health.ready, name="ready"),
    path("metrics/", health.metrics, name="metrics"),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns += [path("ui/", gallery.gallery, name="gallery")]
if settings.DEMO:
    from ikbt.demo import views as demo

    urlpatterns += [path("demo/sign-in/<slug:who>/", demo.sign_in_as, name="demo-sign-in")]
