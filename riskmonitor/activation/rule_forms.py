"""What people choose and write when rules are changed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from riskmonitor.actions.trying import DAYS


class TryForm(forms.Form):
    """How far back to try the rules; the key makes a double click one dry run."""

    days = forms.TypedChoiceField(
        label=_("How far back"),
        help_text=_(
            "To propose the rules takes 14 days or more, as every night looks back: 7 days are for a first look."
        ),
        coerce=int,
        choices=[(days, ngettext_lazy("%(days)s day", "%(days)s days", days) % {"days": days}) for days in DAYS],
        initial=14,
        widget=forms.Select(attrs={"class": "short"}),
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)


class ProposalForm(forms.Form):
    """Why the rules should be in force."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("What has changed, and why"),
        help_text=_("Write what you saw in the dry run. The person who decides reads it, and it stays in the history."),
        error_messages={"required": _("Write what has changed and why the rules should be used.")},
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
