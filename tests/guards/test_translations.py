"""Every text has its Swedish, with the same placeholders, and no Swedish is left over (architecture §7)."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management import call_command

from ikbt.translations import Text, gaps, texts_in_python, texts_in_template

PLACE = "templates/x.html:1"


def faults(used: Text, *entry: object, **flags: object) -> list[str]:
    catalogue = Catalog(locale="sv")
    if entry:
        catalogue.add(*entry, **flags)
    return [gap.what for gap in gaps({used: PLACE}, catalogue)]


def test_each_text_of_the_project_has_its_swedish(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("check_translations")
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("used", "entry", "said"),
    [
        (Text("Hello"), (), ["not translated"]),
        (Text("Hello"), ("Hello", ""), ["not translated"]),
        (Text("Hello"), ("Hello", "Hej"), []),
        (Text("Hello %(name)s"), ("Hello %(name)s", "Hej %(namn)s"), ["other placeholders"]),
        (Text("Hello %(name)s"), ("Hello %(name)s", "Hej"), ["other placeholders"]),
        (Text("100 %% of %(all)s"), ("100 %% of %(all)s", "100 %% av %(all)s"), []),
        (Text("May"), ("Might", "Kanske"), ["not translated", "no longer used"]),
    ],
)
def test_a_gap_is_named(used: Text, entry: tuple[str, ...], said: list[str]) -> None:
    assert faults(used, *entry) == said


def test_a_plural_needs_both_forms_and_may_leave_the_number_out_of_one() -> None:
    dogs = Text("%(count)s dog", "%(count)s dogs")
    assert faults(dogs, ("%(count)s dog", "%(count)s dogs"), ("en hund", "%(count)s hundar")) == []
    assert faults(dogs, ("%(count)s dog", "%(count)s dogs"), ("en hund", "")) == ["not translated"]
    assert faults(dogs, "%(count)s dog", "%(count)s hund") == ["singular and plural do not fit"]


def test_an_unsure_translation_is_none_and_a_context_is_part_of_the_text() -> None:
    assert faults(Text("Hello"), "Hello", "Hej", flags=["fuzzy"]) == ["marked as unsure (fuzzy)"]
    assert faults(Text("May", context="month"), "May", "maj") == ["not translated", "no longer used"]
    assert faults(Text("May", context="month"), "May", "maj", context="month") == []


def test_texts_are_found_in_python_and_in_templates() -> None:
    python = 'x = _("One")\ny = ngettext("%(n)s a", "%(n)s b", 2)\nz = pgettext_lazy("month", "May")\n_(x)\n'
    assert [text for _line, text in texts_in_python(python)] == [
        Text("One"), Text("%(n)s a", "%(n)s b"), Text("May", context="month"),
    ]  # fmt: skip
    template = (
        "{% load i18n %}\n  <p>{% translate 'One' %}</p>\n{% blocktranslate trimmed with a=b %}\n  Two\n  {{ a }}\n"
        "{% endblocktranslate %}{% include 'x' with y=_('Three') %}{% translate 'May' context 'month' as m %}"
    )
    assert {text for _line, text in texts_in_template(template, "x.html")} == {
        Text("One"), Text("Two %(a)s"), Text("Three"), Text("May", context="month"),
    }  # fmt: skip


def test_each_language_but_english_has_a_catalogue() -> None:
    folder = Path(settings.LOCALE_PATHS[0])
    assert {path.parts[-3] for path in folder.glob("*/LC_MESSAGES/django.po")} == set(dict(settings.LANGUAGES)) - {"en"}
