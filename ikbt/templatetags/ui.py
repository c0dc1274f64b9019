"""Filters and small parts for the pages of all apps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crispy_forms.utils import flatatt
from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ikbt.casework.chips import Chip
from ikbt.casework.said import Part, Said
from ikbt.moments import in_words
from programs.charts import Sparkline
from programs.numbers import written

register = template.Library()

CHIP = '<span class="chip{}">{}</span>'
OPTION = '<div class="choice"><input type="{}" name="{}" value="{}"{}><label for="{}">{}</label></div>'
LOOKS = {"": "", "week": " warn"}
NO_CHIP = mark_safe('<span class="muted">\u2013</span>')


register.filter("written", written)


@register.filter
def moment(at: datetime | None, seen_at: datetime | None = None) -> str:
    """Return when something happened or is due, as people say it (`seen_at`, else now); nothing for no time."""
    return in_words(at, seen_at or timezone.now()) if at else ""


@register.filter
def lang(language: str) -> str:
    """Return the attribute that says in which language an element's text is, nothing for the page's own ("")."""
    return format_html(' lang="{}"', language) if language else ""


@register.simple_tag
def chip(text: object, level: str = "") -> str:
    """Return the status chip, a tag since some pages show fifty of them.

    `level` is an urgency (`week` looks like a warning), `new`, `warn`, `done`, or nothing.
    """
    return format_html(CHIP, _look(level), text) if text else ""


@register.simple_tag
def options(field: BoundField) -> SafeString:
    """Return the options of a field with one answer or several, a tag since a form shows dozens of numbers to tap."""
    return format_html_join(
        "",
        OPTION,
        (
            (each.data["type"], each.data["name"], each.data["value"], flatatt(each.data["attrs"]), each.id_for_label,
             each.choice_label)
            for each in field
        ),
    )  # fmt: skip


@register.simple_tag
def chip_rows(chips: Iterable[Chip]) -> SafeString:
    """Return chips below each other, each with its plain text after it; a dash for none."""
    rows = format_html_join(
        "", f"<div>{CHIP} {{}}</div>", ((_look(each.level), each.text, each.detail) for each in chips)
    )
    return rows or NO_CHIP


def _look(level: str) -> str:
    return LOOKS.get(level, f" {level}")


@register.simple_tag
def said(answer: Iterable[Said], is_strong: object = False) -> SafeString:
    """Return an answer's lines with risky phrases marked; `is_strong` for what has changed. A dash for no answer.

    A tag, since a sheet shows two for each question.
    """
    lines = ("".join(_part(part, bool(is_strong)) for part in line if part.text) for line in answer)
    return mark_safe("<br>".join(lines) or "\u2013")  # noqa: S308 each part is escaped


def _part(part: Part, is_strong: bool) -> str:
    words = conditional_escape(part.text)
    if part.marked:
        return f"<mark>{words}</mark>"
    return f"<strong>{words}</strong>" if is_strong else words


@register.simple_tag
def spark_line(spark: Sparkline | None) -> str:
    """Return the small course beside a name; its numbers are text already, so that no language breaks them."""
    if spark is None:
        return ""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart spark" viewBox="0 0 96 28" role="img" '
        'aria-labelledby="{0}-title"><title id="{0}-title">{1}</title>'
        '<polyline class="s1" points="{2}" fill="none" stroke="#0b5a6b" stroke-width="2"/>'
        '<circle class="f1" cx="{3}" cy="{4}" r="3.5" fill="#0b5a6b"/></svg>',
        spark.id, spark.title, spark.path, spark.last_x, spark.last_y,
    )  # fmt: skip
