"""A whole programme for tests, without a fault and ready to publish. Text and reviewers are invented: fictitious."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from clinics.models import Competence, Membership
from programs.actions import load_library, start_treatment
from programs.models import Assessment, Revision, Treatment
from programs.shipped import LIBRARY
from tests.cast import NOW, Cast, make_patient, make_user

SLUG = "prov-hel"
MODULES = ("ett", "tva", "tre", "fyra", "fem", "sex")
FILLING = "Det här är ett prov. Inget av det gäller. "  # short sentences may stand in every module
REVIEWERS = """
  - {name: "Påhittad Granskare (fiktiv)", profession: psykolog, licence: "000000", scope: clinical, date: 2026-11-01}
  - {name: "Påhittad Läsare (fiktiv)", profession: språkvårdare, licence: "-", scope: language, date: 2026-11-02}
"""
FACTS = """\
# A programme for tests. No such programme, and no such reviewers, exist.
slug: SLUG
edition: 1
status: review
source_language: sv
languages: [sv]
title: {sv: "Prov"}
patient_title: {sv: "Prov"}
summary: {sv: "Ett program för prov."}
audience: {age_min: 18, track: adult}
target: {problem: worry, icd10: [F41.1]}
weeks: {planned: 6, max: 8}
effort: {minutes_per_day: 30}
modules: [MODULES]
tools: [week_planner]
cast:
  - {who: Siv, age: 70, about: {sv: "pensionär"}}
  - {who: Omar, age: 22, about: {sv: "studerar"}}
instruments:
  primary: phq9
  risk: phq9
  secondary: [gad7]
  own: []
  schedule:
    screening: [phq9]
    start: [primary, gad7]
    weekly: [primary]
    end: [primary]
    follow_up: [{weeks: 12, ask: [primary]}]
suited_for: {sv: ["Vill prova"]}
exclusions: {common: true, own: []}
step_up: [{rule: no_fall, of: primary, percent: 20, from_week: 4, offer: [call]}]
gates: []
evidence: [{id: studie, model: "Prov", claim: "Prov", source: "Påhittad 2020", checked: 2026-11-21}]
licence: {content: "CC-BY-4.0", instruments: per-registry}
authors: [{name: "Redaktionen", role: author}]
reviewers: REVIEWERS
changes: {sv: "Första utgåvan."}
"""
MODULE = """\
---
id: ID
number: NUMBER
title: Prov NUMBER
aim: Du provar en sak.
week: NUMBER
minutes: {read: 10, do: 10, daily: 10}
core: true
opens: {after: AFTER, days: 6}
feedback: required
uses: []
tools: [week_planner]
cast: [Siv, Omar]
gates: []
---
::: short {does=plan}
SHORT
:::

# Hej {#hej}

BODY
::: example {who=Siv age=70}
Siv provade en gång.
:::
::: more {title=Mer}
DEPTH
:::

# Varför {#varfor}

BODY
::: example {who=Omar age=22}
Omar glömde två gånger.
:::
::: question {#ork type=scale}
Hur mycket ork har du?
:::
::: more {title=Mer}
DEPTH
:::

# Din plan {#ovning}

BODY
::: tool {#plan use=week_planner kind=activity min=1}
Lägg in en sak.
:::
::: question {#val type=pick}
Vad vill du göra?
- Gå ut en stund {#ut}
- Ringa någon {#ringa}
:::
::: question {#hinder type=long keep=relapse_plan}
Skriv din reservplan.
:::

# Skicka {#skicka}

BODY
::: summary
- Det blir lättare.
- En rad räcker.
- En plan hör till.
:::
::: send
{{behandlare}} läser {{svarsdag}}.
:::
::: therapist {part=look}
- Finns en rad?
:::
::: therapist {part=affirm}
- Att något blev skrivet.
:::
::: therapist {part=problems}
- Tom plan: fråga om en vanlig dag.
:::
::: therapist {part=safety}
- Ring vid oro.
:::
::: phrases {slot=bekrafta}
- Du skrev "{{citat}}".
- Du tog dig tid.
:::
::: phrases {slot=uppmuntra}
- Det är en bra rad.
- Du har börjat.
:::
::: phrases {slot=vagled}
- Skriv en rad till.
- Välj en annan tid.
:::
::: phrases {slot=nasta_steg}
- Till {{datum}}: en rad till.
- Sedan öppnar jag {{nasta_avsnitt}}.
:::
"""


def write_whole(library: Path, slug: str = SLUG, *, reviewers: str = REVIEWERS) -> Path:
    """Write the programme's folder into a library and return it."""
    folder = library / slug
    (folder / "sv").mkdir(parents=True)
    facts = FACTS.replace("SLUG", slug).replace("MODULES", ", ".join(MODULES)).replace("REVIEWERS", reviewers)
    (folder / "programme.yaml").write_text(facts, encoding="utf-8")
    for number, module in enumerate(MODULES, start=1):
        after = MODULES[number - 2] if number > 1 else "null"
        text = MODULE.replace("ID", module).replace("NUMBER", str(number)).replace("AFTER", after)
        text = text.replace("SHORT", FILLING * 5).replace("BODY", FILLING * 15).replace("DEPTH", FILLING * 13)
        (folder / "sv" / f"{number:02}-{module}.md").write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first place where a text stands in a file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def shared_files(library: Path) -> Path:
    """Make a library with the real registry, words, tools and instruments, and no programme."""
    library.mkdir()
    for path in LIBRARY.glob("*.yaml"):
        shutil.copy(path, library)
    shutil.copytree(LIBRARY / "instruments", library / "instruments")
    return library


def loaded(library: Path, slug: str = SLUG, now: datetime = NOW) -> Revision:
    """Load the programme and return its revision."""
    ((revision, _new),) = load_library(library=library, slugs=[slug], now=now)
    return revision


def new_patient(cast: Cast) -> dict[str, object]:
    """Return what start_treatment() needs beside the revision, for a new patient of Berit's."""
    for membership in Membership.objects.filter(user__in=[cast.berit, cast.cecilia]):
        Competence.objects.get_or_create(membership=membership, programme=SLUG)
    patient = make_patient(cast.eken, make_user("Ny", "Patient"))
    assessment = Assessment.objects.create(
        patient=patient, assessor=cast.berit, profession="psychologist", decided_at=NOW, icd10="F41.1", risk="Nej."
    )
    return {
        "patient": patient, "assessment": assessment, "therapist": cast.berit, "substitute": cast.cecilia,
        "consented_at": NOW, "by": cast.berit, "now": NOW,
    }  # fmt: skip


def started(cast: Cast, revision: Revision) -> Treatment:
    """Start a treatment of a new patient of Berit's with the edition."""
    return start_treatment(**new_patient(cast), revision=revision)  # type: ignore[arg-type]  # as a table of arguments
