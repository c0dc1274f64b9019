"""The language of a programme's text: which ones a treatment can be given in, and which one it is given in.

The frame around the text (menus, buttons, dates) follows the user's own setting; the text keeps its language.
"""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from programs.models import Revision, Treatment


def is_whole_in(revision: Revision, language: str) -> bool:
    """Tell whether every module exists in a language that the programme lists. Two queries, none for its own.

    What it was written in is whole by definition: a draft may lack modules, and what there is of it can be tried.
    """
    source = revision.facts["source_language"]
    if language == source:
        return True
    if language not in revision.facts.get("languages", ()):
        return False
    return _slugs(revision, source) <= _slugs(revision, language)


def language_of(treatment: Treatment) -> str:
    """Return the language that the treatment's modules are in: chosen at the start, and the same in all. One query."""
    chosen = treatment.steps.values_list("module__language", flat=True).first()
    return chosen or str(treatment.revision.facts["source_language"])


def foreign(language: str) -> str:
    """Return the language where it is another than that of the page around it, else ""."""
    return "" if language == get_language() else language


def marked(html: str, language: str) -> SafeString:
    """Return safe HTML of a programme, marked with its language where the page around it has another (WCAG 3.1.2)."""
    safe = mark_safe(html)  # noqa: S308 - made safe when the programme was loaded, placeholders in it are escaped
    return format_html('<div lang="{}">{}</div>', language, safe) if html and foreign(language) else safe


def _slugs(revision: Revision, language: str) -> set[str]:
    return set(revision.modules.filter(language=language).order_by().values_list("slug", flat=True))
