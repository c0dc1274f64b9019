from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from messaging import views

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/messages/
    path("my/messages/", views.messages, name="messages"),
    path("my/messages/<uuid:message>/keep/", views.keep, name="message-keep"),
]
