"""A small programme with a gate before its second module and its third in the core, and Karin in treatment with it."""

from __future__ import annotations

from clinics.models import User
from programs.actions import tick_gate
from programs.models import Module, Page, Revision, Treatment
from tests.cast import NOW, PROGRAMME, TALKED, TOOL_GATES, Cast, make_treatment, make_user

GATE = "prov-ok"
LINES = ["Ingen hjärtsjukdom", "Läkare är tillfrågad"]
FACTS = {
    "source_language": "sv", "instruments": {"primary": "phq9"}, "tools": ["goals", "mood_log", "map"],
    "gates": [{"id": GATE, "before": "tva", "checklist": {"sv": LINES}}],
}  # fmt: skip


def make_gated_treatment(cast: Cast) -> Treatment:
    """Start Karin, Berit's patient at Eken, with three modules: ett, tva (gated, recalls ett), tre (core)."""
    return make_treatment(make_user("Karin", "Ek"), cast.eken, cast.berit, cast.cecilia, make_gated_revision(cast))


def make_gated_revision(cast: Cast, lines: list[str] | None = None, edition: int = 7) -> Revision:
    facts = FACTS | {"gates": [{"id": GATE, "before": "tva", "checklist": {"sv": lines}}]} if lines else FACTS
    revision = Revision.objects.create(
        programme=cast.revision.programme, edition=edition, content_hash=f"gated-{edition}", status="draft",
        loaded_at=NOW, title={"sv": PROGRAMME}, patient_title={"sv": "Kom igång"}, facts=facts,
    )  # fmt: skip
    for number, slug in enumerate(("ett", "tva", "tre"), start=1):
        module = Module.objects.create(
            revision=revision, number=number, slug=slug, title=slug.title(), aim="Du provar.", notes=[],
            facts={
                "minutes": {"read": 10, "do": 10, "daily": 5}, "week": number, "tools": ["mood_log", "goals"][: number],
                "gates": [GATE] if slug == "tva" else [], "core": slug == "tre",
            },
            short={"type": "short", "does": "tanke", "html": "<p>Ett steg.</p>"},
        )  # fmt: skip
        Page.objects.create(module=module, number=1, slug="forsta", title=f"Sidan {slug}", blocks=_blocks(slug))
    return revision


def _blocks(slug: str) -> list[dict[str, object]]:
    question = {
        "type": "question", "id": "tanke", "kind": "long", "prompt": "Vad tänker du?",
        "prompt_html": "<p>Vad tänker du?</p>", "options": [], "min": None, "max": None, "low": "", "high": "",
        "required": False, "prefill": [], "keep": "",
    }  # fmt: skip
    recall = {"type": "recall", "address": "ett.tanke", "empty": "Inget att visa.", "lead": "", "html": "<p>Förut:</p>"}
    send = {"type": "send", "html": "<p>{{behandlare}} läser {{svarsdag}}.</p>"}
    return [question, send] if slug == "ett" else [recall, question, send]


def tick_tool_gates(treatment: Treatment, by: User) -> None:
    """Tick every checklist that stands before a tool of the cast's programme."""
    for gate in TOOL_GATES:
        tick_gate(treatment=treatment, gate=gate, items=[TALKED], by=by, now=NOW)
