"""The map. Each app keeps its own streets; nouns are pages, verbs are changes."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from ikbt import health
from ikbt.views import errors, gallery, home

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front, name="home"),
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
