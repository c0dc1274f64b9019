from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from programs.views import (
    crisis_plan,
    editions,
    measures,
    modules,
    plan_ahead,
    planning,
    short,
    stuck,
    telephone,
    tools,
    wordings,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/modules/<uuid>/
    path("my/modules/<uuid:step>/", modules.module, name="module"),
    path("my/modules/<uuid:step>/send/", modules.send, name="module-send"),
    path("my/modules/<uuid:step>/short/", short.short, name="module-short"),
    path("my/modules/<uuid:step>/<slug:page>/", modules.page, name="module-page"),
    # /my/measures/
    path("my/measures/", measures.measures, name="measures"),
    path("my/measures/<slug:instrument>/", measures.measure, name="measure"),
    # /my/stuck/: "it is slow going"; its receipt stands in ikbt.urls
    path("my/stuck/", stuck.stuck, name="stuck"),
    # /patients/<code>/: for a patient on the telephone
    path("patients/<uuid:code>/measures/<slug:instrument>/", telephone.telephone, name="telephone"),
    # before the start
    path("patients/<uuid:code>/plan-treatment/", planning.plan, name="plan-treatment"),
    path("patients/<uuid:code>/plan-treatment/withdraw/", planning.withdraw, name="plan-withdraw"),
    # /clinic/wordings/
    path("clinic/wordings/", wordings.wordings, name="wordings"),
    path("clinic/wordings/<slug:instrument>/", wordings.wording, name="wording"),
    # /my/tools/
    path("my/tools/", tools.tools, name="tools"),
    path("my/tools/<slug:tool>/", tools.tool, name="tool"),
    path("my/tools/<slug:tool>/print/", tools.tool_print, name="tool-print"),
    # /my/plan-ahead/
    path("my/plan-ahead/", plan_ahead.plan, name="plan-ahead"),
    path("my/plan-ahead/print/", plan_ahead.printed, name="plan-ahead-print"),
    path("my/plan-ahead/line/", plan_ahead.sort, name="plan-line"),
    path("my/plan-ahead/entries/<uuid:submission>/", plan_ahead.keep_entry, name="plan-keep-entry"),
    # /my/crisis-plan/
    path("my/crisis-plan/", crisis_plan.crisis_plan, name="crisis-plan"),
    path("my/crisis-plan/edit/", crisis_plan.edit, name="crisis-plan-edit"),
    path("my/crisis-plan/sheet/", crisis_plan.printed, {"size": "a4"}, name="crisis-plan-a4"),
    path("my/crisis-plan/card/", crisis_plan.printed, {"size": "card"}, name="crisis-plan-card"),
    # /programmes/<slug>/<version>/
    path("programmes/", editions.programmes, name="programmes"),
    path("programmes/<slug:programme>/<slug:version>/", editions.revision, name="revision"),
    path("programmes/<slug:programme>/<slug:version>/publish/", editions.publish_revision, name="revision-publish"),
    path("programmes/<slug:programme>/<slug:version>/withdraw/", editions.withdraw_revision, name="revision-withdraw"),
    path("programmes/<slug:programme>/<slug:version>/correct/", editions.correct_revision, name="revision-correct"),
    path("programmes/<slug:programme>/<slug:version>/modules/<slug:module>/", editions.preview, name="preview"),
]
