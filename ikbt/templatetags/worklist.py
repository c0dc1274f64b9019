"""The rows of the work list, each the one place of its markup.

They are tags, since a list has fifty rows of eight cells, and a template takes five times as long for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ikbt.casework.caseload import Row
from ikbt.templatetags.ui import chip, chip_rows, spark_line

register = template.Library()

NOBODY = UUID(int=0)
BREAK, NOTHING = mark_safe("<br>"), mark_safe("")
PATIENT = """<tr role="row">
      <th scope="row" role="rowheader"><a href="{url}">{name}</a>, {age}{stands_in}</th>
      <td role="cell">{chips}</td>
      <td role="cell" data-label="{programme_label}">{programme}{withdrawn}</td>
      <td class="num" role="cell" data-label="{week_label}">{time}</td>
      <td class="num" role="cell" data-label="{measured_label}">{measured}</td>
      <td role="cell">{spark}</td>
      <td role="cell" data-label="{active_label}">{active}</td>
      <td class="num" role="cell" data-label="{minutes_label}">{minutes}</td>
    </tr>"""
AT_CLINIC = """<tr role="row">
      <th scope="row" role="rowheader">{name}, {age}</th>
      <td role="cell" data-label="{programme_label}">{programme}</td>
      <td class="num" role="cell" data-label="{week_label}">{time}</td>
      <td role="cell" data-label="{therapist_label}">{owner}</td>
      <td role="cell"{flag_label}>{chips}</td>
    </tr>"""


@register.simple_tag
def patient_rows(rows: Iterable[Row]) -> SafeString:
    """Return the rows of one group."""
    return format_html_join("", PATIENT, _patients(rows))


@register.simple_tag
def clinic_rows(rows: Iterable[Row]) -> SafeString:
    """Return the rows of the clinic's tab, which lead nowhere."""
    return format_html_join("", AT_CLINIC, _at_clinic(rows))


def _patients(rows: Iterable[Row]) -> Iterator[dict[str, object]]:
    labels = {
        "programme_label": _label(_("Programme")),
        "week_label": _label(_("Week")),
        "measured_label": _label(_("Last measure")),
        "active_label": _label(_("Last active")),
        "minutes_label": _label(_("Minutes")),
    }
    address, nobody = reverse("patient", args=[NOBODY]), str(NOBODY)
    withdrawn = BREAK + chip(_("Withdrawn text"), "warn")
    for row in rows:
        yield labels | {
            "url": address.replace(nobody, str(row.code)),
            "name": row.name,
            "age": row.age,
            "stands_in": _for_whom(row.owner) if row.stands_in else NOTHING,
            "chips": chip_rows(row.chips),
            "programme": row.programme,
            "withdrawn": withdrawn if row.is_withdrawn else NOTHING,
            "time": row.time,
            "measured": row.measured,
            "spark": spark_line(row.spark),
            "active": row.active,
            "minutes": row.minutes,
        }


def _at_clinic(rows: Iterable[Row]) -> Iterator[dict[str, object]]:
    labels = {
        "programme_label": _label(_("Programme")),
        "week_label": _label(_("Week")),
        "therapist_label": _label(_("Therapist")),
    }
    flag_label = format_html(' data-label="{}"', _("Flag"))
    for row in rows:
        yield labels | {
            "name": row.name,
            "age": row.age,
            "programme": row.programme,
            "time": row.time,
            "owner": row.owner,
            "flag_label": NOTHING if row.chips else flag_label,
            "chips": chip_rows(row.chips),
        }


def _label(words: str) -> SafeString:
    """Escape the words once, not in every row."""
    return conditional_escape(words)


def _for_whom(therapist: str) -> SafeString:
    return format_html('<br><span class="muted">{}</span>', _("for %(name)s") % {"name": therapist})
