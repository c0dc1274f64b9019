from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from riskmonitor.views import (
    absence,
    asked_again,
    call_me,
    clinic_flags,
    cover_calendar,
    flags,
    named,
    patient,
    people,
    plans,
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
    # /clinic/flags/
    path("clinic/flags/", clinic_flags.clinic_flags, name="clinic-flags"),
    path("clinic/flags/<uuid:code>/assign/", clinic_flags.assign, name="flag-assign"),
    # /clinic/plans/
    path("clinic/plans/", plans.plans, name="flag-plans"),
    path("clinic/plans/<uuid:clinic>/<slug:plan>/", plans.plan, name="flag-plan"),
    # /absence/
    path("absence/", absence.absence, name="absence"),
    path("absence/ill-today/", absence.ill_today, name="ill-today"),
    path("absence/<uuid:code>/end/", absence.end, name="absence-end"),
    # /clinic/cover/
    path("clinic/cover/", cover_calendar.cover_calendar, name="cover-calendar"),
    path("clinic/cover/<uuid:code>/", named.named, name="cover-named"),
    # /clinic/people/
    path("clinic/people/", people.people, name="clinic-people"),
    path("clinic/people/<uuid:code>/", people.person, name="clinic-person"),
    # /clinic/absence/
    path("clinic/absence/", absence.clinic_absence, name="clinic-absence"),
    path("clinic/absence/<uuid:code>/stand-ins/", absence.stand_ins, name="absence-stand-ins"),
]
