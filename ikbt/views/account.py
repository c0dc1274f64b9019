"""One's own settings: language, light and text size. The same page for everybody."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, permissions_of, requires, signed_in
from clinics.actions.display import choose_display
from clinics.models import User

SIZES = [(100, gettext_lazy("Normal")), (115, gettext_lazy("Larger")), (130, gettext_lazy("Largest"))]
YEAR = 365 * 24 * 60 * 60


class DisplayForm(forms.Form):
    """Three choices, with what holds now marked."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=User.Theme.choices, widget=forms.RadioSelect)
    text_size = forms.TypedChoiceField(
        label=gettext_lazy("Text size"), choices=SIZES, coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.template = "ikbt/questionnaire.html"
        self.helper.form_id = "display"
        self.helper.add_input(Submit("save", gettext_lazy("Save")))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.OWN_ACCOUNT)
def account(request: HttpRequest) -> HttpResponse:
    """Show the person's choices, or keep new ones. The cookie carries the language to pages before sign-in."""
    user = signed_in(request)
    now_chosen = {"language": user.language, "theme": user.theme, "text_size": user.text_size}
    form = DisplayForm(request.POST or None, initial=now_chosen)
    if request.method == "POST" and form.is_valid():
        choose_display(user=user, **form.cleaned_data, now=timezone.now())
        with translation.override(user.language):
            messages.success(request, _("Saved."))
        response = redirect("account")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=YEAR,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return response
    rights = permissions_of(user)
    context = {"form": form, "may_choose_notices": Permission.CHOOSE_NOTICES in rights}
    return render(request, "help/account.html", context)
