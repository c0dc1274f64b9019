from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from followup.views import care, copies, dashboard, editions, reports

urlpatterns: list[URLPattern | URLResolver] = [
    path("clinic/", dashboard.dashboard, name="dashboard"),
    path("programmes/<slug:programme>/<slug:version>/workbook/", editions.edition_workbook, name="edition-workbook"),
    path("clinic/follow-ups/", care.follow_ups, name="clinic-follow-ups"),
    path("clinic/follow-ups/<uuid:code>/hand-over/", care.hand_over, name="follow-up-hand-over"),
    # /my/copies/
    path("my/copies/", copies.copies, name="copies"),
    path("my/copies/<uuid:code>/", copies.copy, name="copy"),
    path("my/copies/<uuid:code>/progress/", copies.copy_progress, name="copy-progress"),
    path("my/copies/<uuid:code>/file/", copies.copy_file, name="copy-file"),
    # /patients/<uuid>/reports/
    path("patients/<uuid:code>/reports/order/", reports.order, name="report-order"),
    path("patients/<uuid:code>/reports/<uuid:report>/", reports.report, name="report"),
    path("patients/<uuid:code>/reports/<uuid:report>/progress/", reports.report_progress, name="report-progress"),
    path("patients/<uuid:code>/reports/<uuid:report>/file/", reports.report_file, name="report-file"),
]
