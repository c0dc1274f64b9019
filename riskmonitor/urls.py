from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from riskmonitor.views import (
    absence,
    asked_again,
    call_me,
    clinic_flags,
    cover_calendar,
    flag_interview,
    flag_moves,
    flags,
    hubs,
    named,
    opening,
    patient,
    people,
    plans,
    rules,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/follow-up/
    path("my/follow-up/", patient.follow_up, name="follow-up"),
    path("my/call-me/", call_me.call_me, name="call-me"),
    path("my/one-question/", asked_again.asked_again, name="asked-again"),
    # /flags/<code>/
    path("flags/<uuid:code>/", flags.flag, name="flag"),
    path("flags/<uuid:code>/acknowledge/", flags.acknowledge, name="flag-acknowledge"),
    path("flags/<uuid:code>/document/", flags.document, name="flag-document"),
    path("flags/<uuid:code>/not-reached/", flags.not_reached, name="flag-not-reached"),
    path("flags/<uuid:code>/close/", flags.close, name="flag-close"),
    path("flags/<uuid:code>/interview/<slug:instrument>/", flag_interview.interview, name="flag-interview"),
    path("flags/<uuid:code>/pass-on/", flag_moves.pass_on, name="flag-pass-on"),
    path("flags/<uuid:code>/reopen/", flag_moves.reopen, name="flag-reopen"),
    path("flags/<uuid:code>/notes/", flag_moves.notes, name="flag-notes"),
    # /clinic/flags/
    path("clinic/flags/", clinic_flags.clinic_flags, name="clinic-flags"),
    path("clinic/flags/<uuid:code>/assign/", clinic_flags.assign, name="flag-assign"),
    # /clinic/plans/
    path("clinic/plans/", plans.plans, name="flag-plans"),
    path("clinic/plans/<uuid:clinic>/<slug:plan>/", plans.plan, name="flag-plan"),
    # /rules/
    path("rules/", rules.rules, name="rules"),
    path("rules/try/", rules.try_them, name="rules-try"),
    path("rules/propose/", rules.propose, name="rules-propose"),
    path("rules/activate/", rules.activate, name="rules-activate"),
    path("rules/dry-runs/<uuid:code>/", rules.dry_run, name="dry-run"),
    path("rules/dry-runs/<uuid:code>/progress/", rules.dry_run_progress, name="dry-run-progress"),
    # /clinic/hours/
    path("clinic/hours/", opening.hours, name="hours"),
    path("clinic/hours/<uuid:clinic>/", opening.clinic_hours, name="clinic-hours"),
    # /absence/
    path("absence/", absence.absence, name="absence"),
    path("absence/ill-today/", absence.ill_today, name="ill-today"),
    path("absence/<uuid:code>/end/", absence.end, name="absence-end"),
    # /clinic/cover/
    path("clinic/cover/", cover_calendar.cover_calendar, name="cover-calendar"),
    path("clinic/cover/<uuid:code>/", named.named, name="cover-named"),
    # /clinic/hub/
    path("clinic/hub/", hubs.hubs, name="clinic-hub"),
    path("clinic/hub/<uuid:code>/agree/", hubs.agree, name="hub-agree"),
    path("clinic/hub/<uuid:code>/end/", hubs.end, name="hub-end"),
    # /clinic/people/
    path("clinic/people/", people.people, name="clinic-people"),
    path("clinic/people/<uuid:code>/", people.person, name="clinic-person"),
    # /clinic/absence/
    path("clinic/absence/", absence.clinic_absence, name="clinic-absence"),
    path("clinic/absence/<uuid:code>/stand-ins/", absence.stand_ins, name="absence-stand-ins"),
]
