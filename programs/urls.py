from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from programs.views import editions, measures, modules, tools

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/modules/<uuid>/
    path("my/modules/<uuid:step>/", modules.module, name="module"),
    path("my/modules/<uuid:step>/send/", modules.send, name="module-send"),
    path("my/modules/<uuid:step>/short/", modules.short, name="module-short"),
    path("my/modules/<uuid:step>/<slug:page>/", modules.page, name="module-page"),
    # /my/measures/
    path("my/measures/<slug:instrument>/", measures.measure, name="measure"),
    # /my/tools/
    path("my/tools/", tools.tools, name="tools"),
    path("my/tools/<slug:tool>/", tools.tool, name="tool"),
    # /programmes/<slug>/<version>/
    path("programmes/", editions.programmes, name="programmes"),
    path("programmes/<slug:programme>/<slug:version>/", editions.revision, name="revision"),
    path("programmes/<slug:programme>/<slug:version>/publish/", editions.publish_revision, name="revision-publish"),
    path("programmes/<slug:programme>/<slug:version>/withdraw/", editions.withdraw_revision, name="revision-withdraw"),
    path("programmes/<slug:programme>/<slug:version>/correct/", editions.correct_revision, name="revision-correct"),
    path("programmes/<slug:programme>/<slug:version>/modules/<slug:module>/", editions.preview, name="preview"),
]
