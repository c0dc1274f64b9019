"""The look keeps its promises: contrast, weight, nothing inline, nothing foreign, a table of what forms render."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from ikbt.context import menu_of
from ikbt.views.gallery import Diary, Questions, gallery

ROOT = Path(settings.BASE_DIR)
CSS = {path.name: path.read_text() for path in sorted((ROOT / "static/css").glob("*.css"))}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
# Of the staff's pages one loads the first, which starts the second, and one the third.
STAFF_SCRIPTS = {"notices.js", "push_worker.js", "phrases.js"}
KEPT = {"followup/own_data.html"}  # in a file to keep: read without the platform, its style stands in it


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme as #rrggbb, read from the style sheets."""
    block = re.search(r":root \{(.*?)\}", CSS["site.css"], re.DOTALL)
    assert block
    found = dict(re.findall(r"--([\w-]+):([^;}]+)", block[1]))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+):([^;}]+)", CSS["dark.css"]))
    if theme == "contrast":
        block = re.search(r":root\[data-theme=contrast\] \{(.*?)\}", CSS["site.css"], re.DOTALL)
        assert block
        found |= dict(re.findall(r"--([\w-]+):([^;}]+)", block[1]))
    found = {name: found[value[6:-1]] if value.startswith("var(") else value.strip() for name, value in found.items()}
    full = {name: re.sub(r"^#(.)(.)(.)$", r"#\1\1\2\2\3\3", value) for name, value in found.items()}
    return {name: value for name, value in full.items() if value.startswith("#")}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON = [
    *[("text", ground) for ground in ("bg", "surface", "sunken", "tint", "b0", "b1", "b2", "b3", "b4")],
    *[("muted", ground) for ground in ("bg", "surface", "sunken", "tint")],
    *[
        ("primary", ground)
        for ground in ("bg", "surface", "sunken", "tint", "info-tint", "ok-tint", "warn-tint", "crisis-tint")
    ],
    *[(tone, f"{tone}-tint") for tone in ("ok", "warn", "error", "crisis", "info")],
    *[("text", f"{tone}-tint") for tone in ("ok", "warn", "error", "crisis", "info")],
    *[(tone, ground) for tone in ("error", "crisis", "warn") for ground in ("bg", "surface")],
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    ("on-crisis", "crisis"),
    ("ring", "halo"),
]
LINES_ON = [
    *[("control", ground) for ground in ("bg", "surface", "sunken")],
    *[(chart, "surface") for chart in ("c1", "c2", "c3")],
    *[("c1", f"b{tone}") for tone in range(5)],
]


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= (7 if theme == "contrast" else 4.5)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize(("ink", "ground"), LINES_ON)
def test_lines_and_edges_can_be_seen_on_their_ground(theme: str, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_one_of_the_two_rings_of_focus_is_seen_on_every_ground(theme: str) -> None:
    colours = tokens(theme)
    for ground in ("bg", "surface", "sunken", "primary", "crisis"):
        assert max(contrast(colours[ring], colours[ground]) for ring in ("ring", "halo")) >= 3


def test_dark_gives_every_colour_that_depends_on_the_light() -> None:
    light, dark = tokens("light"), tokens("dark")
    assert {name for name in light if light[name] == dark[name]} == {"ring", "halo"}


@pytest.mark.parametrize(
    ("look", "not_loaded"), [("patient", {"staff.css", "tools.css"}), ("staff", {"treatment.css", "tools.css"})]
)
def test_all_style_sheets_of_a_look_stay_below_twelve_kilobytes(look: str, not_loaded: set[str]) -> None:
    assert sum(len(text.encode()) for name, text in CSS.items() if name not in not_loaded) <= 12 * 1024


def test_the_style_sheet_of_the_tools_which_only_their_pages_load_is_small() -> None:
    assert len(CSS["tools.css"].encode()) <= 2 * 1024


def test_all_scripts_of_the_patients_together_stay_below_eight_kilobytes_compressed() -> None:
    assert {path.name for path in SCRIPTS} > STAFF_SCRIPTS
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SCRIPTS if path.name not in STAFF_SCRIPTS) <= 8192


@pytest.mark.parametrize(("script", "page"), [("notices.js", "notices.html"), ("phrases.js", "patient.html")])
def test_a_script_of_the_staff_is_loaded_by_one_page_of_theirs(script: str, page: str) -> None:
    assert [path.name for path in TEMPLATES if f"js/{script}" in path.read_text()] == [page]


def test_the_scripts_which_only_staff_load_are_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SCRIPTS if path.name in STAFF_SCRIPTS) <= 2560


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text or path.relative_to(ROOT / "templates").as_posix() in KEPT
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"javascript:", text, re.IGNORECASE)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)


@pytest.mark.parametrize(
    "path", [*TEMPLATES, *SCRIPTS, *sorted((ROOT / "static").rglob("*.svg"))], ids=lambda path: path.name
)
def test_nothing_is_fetched_from_another_origin(path: Path) -> None:
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", path.read_text()))
    assert addresses <= {"http://www.w3.org/2000/svg", "https://www.1177.se/"}  # a name, and a link one may follow


def test_a_style_sheet_fetches_nothing() -> None:
    assert not any("url(" in text or "@import" in text for text in CSS.values())


def shown_gallery(look: str = "patient") -> str:
    answer = gallery(RequestFactory().get("/ui/", {"for": look}))
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def test_a_first_visit_weighs_less_than_forty_kilobytes() -> None:
    """The page with every component, all scripts, all styles and the icon, as sent compressed."""
    page = shown_gallery()
    files = [*SCRIPTS, *(ROOT / "static/css" / name for name in CSS), ROOT / "static/icons/icon.svg"]
    assert (
        sum(len(gzip.compress(part)) for part in [page.encode(), *(path.read_bytes() for path in files)]) <= 40 * 1024
    )


class Outline(HTMLParser):
    """Collects what the structure tests look at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]

    def pointed_at(self) -> set[str]:
        """All ids that another element names: labels, descriptions, links within the page."""
        names: set[str] = set()
        for _, attributes in self.tags:
            for name in ("for", "aria-describedby", "aria-labelledby"):
                names |= set((attributes.get(name) or "").split())
            link = attributes.get("href") or ""
            names |= {link[1:]} if link.startswith("#") else set()
        return names


def show(form: forms.Form) -> str:
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


@pytest.mark.parametrize(
    "form", [Diary({"strength": "300"}), Questions({"item_1": "1"}, prefix="asked")], ids=["diary", "questions"]
)
def test_the_error_summary_links_to_the_field_and_every_reference_exists(form: forms.Form) -> None:
    with translation.override("sv"):
        outline = Outline(show(form))
    assert outline.pointed_at() <= set(outline.ids())
    assert len(outline.ids()) == len(set(outline.ids()))
    summary = [attributes for _, attributes in outline.tags if "data-error-summary" in attributes]
    assert len(summary) == 1
    assert summary[0]["tabindex"] == "-1"
    assert summary[0]["data-error-summary"] == "Fel:"


def test_no_template_draws_the_error_summary_beside_a_form_that_draws_its_own() -> None:
    both = [path.name for path in TEMPLATES if {"|crispy }}", "ui/error_summary.html"} <= _parts(path)]
    assert both == []


def _parts(path: Path) -> set[str]:
    return set(re.findall(r"\|crispy \}\}|ui/error_summary\.html", path.read_text()))


def test_a_radio_group_has_a_legend_and_its_error_links_to_the_first_choice() -> None:
    with translation.override("sv"):
        html = show(Questions({}))
    assert html.count("<fieldset") == html.count("<legend") == 2
    assert 'href="#id_item_1_0"' in html
    assert 'id="id_item_1_0"' in html


def test_a_hint_stands_before_its_field_and_the_field_names_it() -> None:
    html = show(Diary())
    assert html.index('id="id_happened_helptext"') < html.index("<textarea")
    assert 'aria-describedby="id_happened_helptext"' in html


def test_required_is_unmarked_and_optional_is_said() -> None:
    with translation.override("sv"):
        html = show(Diary())
    assert html.count("(valfritt)") == 1
    assert "*" not in re.sub(r"<[^>]+>", "", html)
    assert "novalidate" in html


def test_the_questionnaire_keeps_what_was_answered() -> None:
    html = show(Questions({"item_1": "1"}))
    assert re.findall(r'value="(\d)" checked', html) == ["1"]


def test_a_formset_names_its_faults_too() -> None:
    class Row(forms.Form):
        what = forms.CharField(label="Vad")

    rows = forms.formset_factory(Row, extra=0, min_num=2, validate_min=True)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-what": "x", "form-1-what": ""}
    )
    rows.forms[1].empty_permitted = False
    rows.full_clean()
    html = Template("{% load crispy_forms_tags %}{% crispy rows %}").render(Context({"rows": rows}))
    outline = Outline(html)
    assert "id_form-1-what" in outline.pointed_at() <= set(outline.ids())


@pytest.mark.parametrize("look", ["patient", "staff"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_gallery_shows_every_component_without_a_broken_reference(look: str, language: str) -> None:
    with translation.override(language):
        page = shown_gallery(look)
    outline = Outline(page)
    assert outline.pointed_at() <= set(outline.ids())
    assert len(outline.ids()) == len(set(outline.ids()))
    assert [tag for tag, _ in outline.tags].count("h1") == 1
    assert [tag for tag, _ in outline.tags].count("main") == 1


@pytest.mark.hazard("H14c")
def test_the_page_of_a_broken_server_needs_neither_user_nor_database() -> None:
    with translation.override("sv"):
        page = render_to_string("500.html")
    assert "112" in page
    assert "/help/" in page
    assert '<html lang="sv">' in page


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/clinic/", "/clinic/"),
        ("/clinic/flags/", "/clinic/flags/"),
        ("/clinic/absence/x/stand-ins/", "/clinic/absence/"),
    ],
)
def test_the_menu_marks_one_page_the_one_with_the_longest_address(path: str, marked: str) -> None:
    pages = [("dashboard", "Follow-up"), ("clinic-flags", "Flags"), ("clinic-absence", "Cover")]
    entries = menu_of(RequestFactory().get(path), pages)
    assert [entry["url"] for entry in entries if entry["current"]] == [marked]
