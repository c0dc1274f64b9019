from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from programs.views import measures, modules, telephone, tools, wordings

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/modules/<uuid>/
    path("my/modules/<uuid:step>/", modules.module, name="module"),
    path("my/modules/<uuid:step>/send/", modules.send, name="module-send"),
    path("my/modules/<uuid:step>/short/", modules.short, name="module-short"),
    path("my/modules/<uuid:step>/<slug:page>/", modules.page, name="module-page"),
    # /my/measures/
    path("my/measures/", measures.measures, name="measures"),
    path("my/measures/<slug:instrument>/", measures.measure, name="measure"),
    # /patients/<code>/: for a patient on the telephone
    path("patients/<uuid:code>/measures/<slug:instrument>/", telephone.telephone, name="telephone"),
    # /clinic/wordings/
    path("clinic/wordings/", wordings.wordings, name="wordings"),
    path("clinic/wordings/<slug:instrument>/", wordings.wording, name="wording"),
    # /my/tools/
    path("my/tools/", tools.tools, name="tools"),
    path("my/tools/<slug:tool>/", tools.tool, name="tool"),
]
