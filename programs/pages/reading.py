"""What the pages of a module show: stored blocks with placeholders filled, earlier answers, and what was begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from programs.forms.questions import PageForm, drafted_answers, name_of, own_name, typed_answers
from programs.forms.typed import Typed
from programs.library_format import blocks
from programs.library_format.placeholders import fill, fill_html
from programs.library_format.references import CRISIS
from programs.models import Draft, Page, Step, Submission
from programs.pages.crisis import crisis_lines
from programs.pages.filling import placeholders
from programs.pages.keep_buttons import buttons, origins_of, without_markup
from programs.pages.page_parts import Asked, Part
from programs.pages.recall import Returned, Withheld, lines_of, questions_on, withheld
from programs.plans.plan_ahead import kept_origins
from programs.toolkit.entries import EntryShown, shown
from programs.toolkit.entries import in_words as label_in
from programs.toolkit.records import recorded
from programs.tools import tools
from programs.treatment.languages import foreign, marked
from programs.treatment.readers import values_for_sending
from programs.treatment.standing import Standing


def page_key(step: Step, page: Page) -> str:
    """Return the form key of a page's draft."""
    return f"page:{step.code}:{page.slug}"


@dataclass
class ModuleReading:
    """One patient's copy of a module: the pages, what was begun on them, and what was sent before. Four queries."""

    step: Step
    now: datetime
    pages: list[Page] = field(init=False)

    def __post_init__(self) -> None:
        self.pages = list(self.step.module.pages.all())

    @cached_property
    def values(self) -> dict[str, str]:
        """Return what is filled into the text, in the words of its language."""
        with override(self.step.module.language):
            return placeholders(self.step.treatment, self.now)

    @property
    def lang(self) -> str:
        """Return the language of the text, "" where it is that of the page around it."""
        return foreign(self.step.module.language)

    def filled(self, html: str) -> str:
        """Return safe HTML of the module with its placeholders filled in, marked with its language."""
        return marked(fill_html(html, self.values), self.step.module.language)

    @cached_property
    def values_for_sending(self) -> dict[str, str]:
        with override(self.step.module.language):
            return values_for_sending(self.step.treatment, self.standing.reader, self.now)

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.step.treatment, self.now, step=self.step)

    @cached_property
    def drafts(self) -> dict[str, Draft]:
        """Return the drafts of the module's pages by page slug."""
        prefix = f"page:{self.step.code}:"
        owner = self.step.treatment.patient.user
        return {d.form_key.removeprefix(prefix): d for d in owner.drafts.filter(form_key__startswith=prefix)}

    @cached_property
    def sent(self) -> dict[str, Submission]:
        """Return the last sent answers of each module by its slug, without those taken out. Two queries."""
        treatment = self.step.treatment
        sent = (
            Submission.objects.filter(treatment=treatment, kind=Submission.Kind.MODULE)
            .exclude(form__in=treatment.steps.hidden().values("module__slug"))
            .order_by("sent_at", "pk")
        )
        return {each.form: each for each in sent.select_related("module").prefetch_related("module__pages")}

    @cached_property
    def withheld(self) -> Withheld:
        return withheld(self.step.treatment)

    @property
    def sent_here(self) -> dict[str, Any]:
        """Return the answers that were last sent from this module."""
        last = self.sent.get(self.step.module.slug)
        return last.answers if last else {}

    def page(self, slug: str) -> Page | None:
        return next((page for page in self.pages if page.slug == slug), None)

    def after(self, page: Page) -> Page | None:
        return next((each for each in self.pages if each.number > page.number), None)

    def before(self, page: Page) -> Page | None:
        return next((each for each in reversed(self.pages) if each.number < page.number), None)

    @property
    def last(self) -> Page:
        """Return the page from which the module is sent."""
        return self.pages[-1]

    def answers_here(self) -> dict[str, Any]:
        """Return this module's answers: what was sent, and over it what is being written page by page."""
        answers = dict(self.sent_here)
        for page in self.pages:
            if page.slug in self.drafts:
                questions = questions_on(page)
                answers = {name: value for name, value in answers.items() if name not in {q.id for q in questions}}
                answers |= drafted_answers(questions, self.drafts[page.slug].data)
        return answers

    def returned(self, address: str) -> Returned | None:
        """Return an earlier answer by its address, None when there is none to show.

        Answers of other modules return as they were last sent; those of the same module also while being written.
        """
        module_slug, _dot, question_id = address.rpartition(".")
        if module_slug in ("", self.step.module.slug):
            lines = lines_of(self.pages, question_id, self.answers_here())
            return Returned(lines, "") if lines else None
        if module_slug == CRISIS:
            lines = crisis_lines(self.step.module.revision, question_id, self.step.module.language, self.now)
            return Returned(lines, "") if lines else None
        last = self.sent.get(module_slug)
        if last is None or last.module is None or (last.pk, question_id) in self.withheld:
            return None
        lines = lines_of(list(last.module.pages.all()), question_id, last.answers)
        source = _("From part %(number)d, %(day)s") % {
            "number": last.module.number, "day": date_format(timezone.localdate(last.sent_at), "j F"),
        }  # fmt: skip
        return Returned(lines, source) if lines else None

    def form(self, page: Page, data: Any = None) -> PageForm:
        """Return the page's form: as posted, else as begun, else as sent, else with earlier answers filled in."""
        questions = questions_on(page)
        prompts = {question.id: fill(question.prompt, self.values) for question in questions}
        initial: Typed = {}
        if data is None:
            initial = self._initial(page, questions)
        return PageForm(questions, prompts, acks=acks_on(page), data=data, initial=initial)

    def _initial(self, page: Page, questions: Sequence[blocks.Question]) -> Typed:
        if page.slug in self.drafts:
            return dict(self.drafts[page.slug].data)
        if self.step.module.slug in self.sent:
            return typed_answers(questions, self.sent_here) | dict.fromkeys(acks_on(page), "on")
        filled = {q.id: answer for q in questions if (answer := self._filled_in(q))}
        return typed_answers(questions, filled)

    def _filled_in(self, question: blocks.Question) -> Any:
        found = [returned for address in question.prefill if (returned := self.returned(address))]
        lines = [line for returned in found for line in returned.lines]
        if not lines:
            return None
        text = "\n".join(lines) if question.kind == "long" else ", ".join(lines)
        return {"own": text[:300]} if question.kind == "pick" else text

    def parts(self, page: Page, form: PageForm) -> list[Part]:
        """Return what the page shows, in order."""
        found = (self._part(n, blocks.block_from_json(stored), page, form) for n, stored in enumerate(page.blocks))
        return [replace(part, lang=self.lang, html=marked(part.html, self.step.module.language)) for part in found]

    def _part(self, number: int, block: blocks.Block, page: Page, form: PageForm) -> Part:
        values = self.values_for_sending if isinstance(block, blocks.Send) else self.values
        html = fill_html(getattr(block, "html", ""), values)
        if isinstance(block, blocks.Question):
            return Part("question", asked=self._asked(block, page, form))
        if isinstance(block, blocks.Tool):
            instruction = fill_html(block.instruction_html, self.values)
            name = label_in(tools()[block.use].name, self.step.module.language)
            return Part("tool", html=instruction, block=block.id, name=name, entries=self._entries(block))
        if isinstance(block, blocks.Recall):
            returned = self.returned(block.address)
            if returned is None:
                return Part("recall", title=fill(block.empty, self.values))
            if block.address.startswith(f"{CRISIS}."):
                return Part("facts", html=html, lines=returned.lines)
            return Part("recall", html=html, lines=returned.lines, source=returned.source)
        if isinstance(block, blocks.Caution):
            return Part("warning", html=html, ack=form[ack_name(number)] if block.ack else None)
        if isinstance(block, blocks.Summary):
            lines = tuple(fill(item, self.values) for item in block.items)
            return Part("summary", buttons=buttons(self.step, page, f"summary:{number}", lines, self.kept))
        if isinstance(block, blocks.Example):
            words = [without_markup(html)]
            saving = buttons(self.step, page, f"example:{number}", words, self.kept)
            return Part("example", html=html, title=f"{block.who}, {block.age}", buttons=saving)
        return Part(block.type, html=html, title=getattr(block, "title", ""))

    @cached_property
    def kept(self) -> set[str]:
        """Return where the lines of the plan ahead are from that come from this module. One query."""
        return kept_origins(self.step.treatment, origins_of(self.step))

    def _asked(self, question: blocks.Question, page: Page, form: PageForm) -> Asked:
        own = form[own_name(question.id)] if question.kind == "pick" else None
        untouched = not form.is_bound and page.slug not in self.drafts and self.step.module.slug not in self.sent
        sources = [r.source for address in question.prefill if untouched and (r := self.returned(address))]
        return Asked(
            question.kind, form[name_of(question.id)], own, fill(question.low, self.values),
            fill(question.high, self.values), question.max, ". ".join(dict.fromkeys(filter(None, sources))),
        )  # fmt: skip

    def _entries(self, block: blocks.Tool) -> tuple[EntryShown, ...]:
        """Return what was recorded with the tool since the module was opened, newest first."""
        since = self.step.opened_at or self.now
        found = recorded(self.step.treatment, block.use, since=since, at_most=10)
        return tuple(shown(tools()[block.use], entry, self.step.module.language) for entry in found)

    def tool_block(self, block_id: str) -> blocks.Tool | None:
        """Return the module's exercise with that id."""
        found = (
            block for page in self.pages for block in page.blocks if block["type"] == "tool" and block["id"] == block_id
        )
        return next((blocks.Tool.build(block) for block in found), None)

    def suggestions(self, block: blocks.Tool) -> list[str]:
        """Return the earlier answers that may become what an entry is about."""
        found = (self.returned(address) for address in block.prefill)
        return [line for returned in found if returned for line in returned.lines]


def ack_name(number: int) -> str:
    return f"ack_{number}"


def acks_on(page: Page) -> list[str]:
    """Return the names of the ticks for warnings that must be read."""
    return [ack_name(n) for n, block in enumerate(page.blocks) if block["type"] == "warning" and block["ack"]]
