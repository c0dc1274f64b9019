from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from messaging.views import log, notices, thread

urlpatterns: list[URLPattern | URLResolver] = [
    # /my/messages/
    path("my/messages/", thread.messages, name="messages"),
    path("my/messages/<uuid:message>/keep/", thread.keep, name="message-keep"),
    # /account/notices/: how one wants to be reached
    path("account/notices/", notices.choices, name="notice-choices"),
    path("account/notices/try/", notices.send_trial, name="notice-try"),
    path("account/notices/browsers/add/", notices.add, name="browser-add"),
    path("account/notices/browsers/<uuid:browser>/remove/", notices.remove, name="browser-remove"),
    path("deliveries/", log.deliveries, name="deliveries"),
]
