"""A patient and a therapist go through a whole programme in the browser, module by module, as people would.

Works for every programme: it knows pages, questions and tools by what stands on them, not by their ids.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.system.browser import Person
from tests.system.platform import Platform

WORDS = "Jag prövade en gång i lugn takt, och det gick att göra fast det tog emot."  # in tools
NARROW = 320
OF_PATIENT = (
    "FROM programs_step s JOIN programs_module m ON m.id = s.module_id JOIN programs_treatment t "
    "ON t.id = s.treatment_id JOIN clinics_patient p ON p.id = t.patient_id JOIN clinics_user u ON u.id = p.user_id "
    "WHERE u.email = '{who}@demo.example'"
)


@dataclass
class Walker:
    """The patient's way through one module at a time. `pages` is how many pages have been looked at."""

    patient: Person
    pages: int = 0
    tools: int = 0

    def go_through(self, module: str, words: str) -> int:
        """Answer every page of the module (its code) in these words, use its tools, and send it.

        Return how many pages it had.
        """
        page = self.patient.page
        self.patient.goto(f"/my/modules/{module}/")
        self._to_the_first_page()
        first = self.pages
        while True:
            self.pages += 1
            self._look_narrow()
            self._use_tools()
            self._answer(words)
            further = page.get_by_role("button", name="Fortsätt", exact=True)
            if not further.count():
                break
            self.patient.follow(further)
            assert not page.locator("[data-error-summary]").count(), page.inner_text("main")
        self.patient.follow(page.get_by_role("button", name="Skicka", exact=False).first)
        page.wait_for_url("**/receipt/**")
        self.patient.look()
        return self.pages - first

    def _to_the_first_page(self) -> None:
        """Go to the first page of the module: it opens where the patient was last."""
        pages = self.patient.page.locator("main nav details")
        pages.locator("summary").click()
        first = pages.locator("li").first.get_by_role("link")
        if first.count():
            self.patient.follow(first)

    def _look_narrow(self) -> None:
        self.patient.page.set_viewport_size({"width": NARROW, "height": 780})
        self.patient.look()

    def _answer(self, words: str) -> None:
        """Answer each question of the page: the first choice, a middling number, the words in place of older ones."""
        page = self.patient.page
        answer_groups(page.locator("main form"))
        for field in page.locator("main form textarea:visible, main form input.input:visible").all():
            fill(field, words, anew=True)
        for tick in page.locator("main form .notice.warn ~ .field input[type=checkbox]").all():
            tick.check(force=True)

    def _use_tools(self) -> None:
        """Open each tool of the page, write one entry, and come back by the link on its receipt."""
        page = self.patient.page
        for place in range(page.locator("main button[name=tool]").count()):
            self.patient.follow(page.locator("main button[name=tool]").nth(place))
            self._look_narrow()
            record(self.patient)
            self.tools += 1
            self.patient.follow(page.get_by_role("link", name="Tillbaka till avsnittet"))


@dataclass
class Course:
    """A demo patient's modules as the therapist leads them. `who` is the patient's name in the demo's texts."""

    platform: Platform
    therapist: Person
    who: str

    @property
    def patient(self) -> str:
        """Return the patient's code."""
        ((code,),) = self.platform.sql(
            "SELECT p.code FROM clinics_patient p JOIN clinics_user u ON u.id = p.user_id "
            f"WHERE u.email = '{self.who}@demo.example'"
        )
        return str(code)

    def _steps(self, what: str, which: str) -> list[object]:
        of_patient = OF_PATIENT.format(who=self.who)
        return [row[0] for row in self.platform.sql(f"SELECT {what} {of_patient} AND {which} ORDER BY m.number")]

    def numbers(self) -> list[int]:
        return [int(str(number)) for number in self._steps("m.number", "true")]

    def next_to_do(self) -> int | None:
        """Return the number of the first module that is open and not sent."""
        waiting = self._steps("m.number", "s.opened_at IS NOT NULL AND s.sent_at IS NULL")
        return int(str(waiting[0])) if waiting else None

    def module(self, number: int) -> str:
        """Return the code of the patient's copy of a module."""
        (code,) = self._steps("s.code", f"m.number = {number}")
        return str(code)

    def repeat_all(self) -> None:
        """Let what the patient has sent be done once more, so that the walk begins with the first module."""
        for number in self.numbers():
            self.repeat(number)

    def repeat(self, number: int) -> None:
        """Let one module be done once more, if it was sent."""
        self.therapist.goto(f"/patients/{self.patient}/way/")
        self.therapist.look()
        again = self.therapist.page.locator(f"form[action$='/{self.module(number)}/repeat/']")
        if again.count():
            self.therapist.page.locator("main li").filter(has=again).first.locator("summary").click()
            self.therapist.follow(again.locator("button"))

    def read_what_was_sent(self, number: int) -> None:
        """Let the therapist read what was written in this very module."""
        self.therapist.goto(f"/patients/{self.patient}/")
        self.therapist.look()
        assert words_of(number) in self.therapist.page.content()

    def open_the_next(self, reply: str) -> None:
        """Tick the checklist where one stands before the next module, answer, and open it with the reply."""
        page = self.therapist.page
        self.therapist.goto(f"/patients/{self.patient}/way/")
        self.therapist.look()
        checklist = page.locator("main form[action$='/tick/']")
        if checklist.count():
            for tick in checklist.locator("input[type=checkbox]").all():
                tick.check(force=True)
            self.therapist.follow(checklist.locator("[type=submit]"))
        self.therapist.goto(f"/patients/{self.patient}/")
        page.fill("textarea[name=text]", reply)
        page.check("input[name=open_next]", force=True)
        self.therapist.follow(page.get_by_role("button", name="Skicka").first)


def words_of(number: int) -> str:
    """Return what the patient writes in a module: in no two of them the same."""
    return f"I avsnitt {number} prövade jag en gång i lugn takt, och det gick att göra fast det tog emot."


def record(someone: Person) -> None:
    """Write one entry in the tool that is shown: what it asks for, where all is voluntary the first field; save it."""
    page = someone.page
    form = page.locator("main form[data-autosave]")
    answer_groups(form)
    fields = form.locator("textarea:visible, input.input:visible, select.input:visible").all()
    for field in [each for each in fields if not is_voluntary(each)] or fields[:1]:
        fill(field, WORDS)
    someone.follow(form.get_by_role("button", name="Spara", exact=True))
    expect(page.get_by_role("status").filter(has_text="Sparat och skickat")).to_be_visible()


def is_voluntary(field: Locator) -> bool:
    return "valfritt" in str(field.evaluate("field => field.labels[0]?.textContent ?? ''"))


def answer_groups(form: Locator) -> None:
    """Mark the first choice of each visible group of radio buttons, and one of each group of check boxes."""
    for group in form.locator("fieldset:visible").all():
        choices = group.locator("input[type=radio], input[type=checkbox]")
        if choices.count() and not group.locator("input:checked").count():
            choices.nth(min(5, choices.count() - 1)).check(force=True)


def fill(field: Locator, words: str, *, anew: bool = False) -> None:
    """Fill a field that is empty with something of its kind; `anew`: one for words also when words stand in it."""
    kind, tag = field.get_attribute("type") or "text", field.evaluate("field => field.tagName")
    takes_words = tag == "TEXTAREA" or (tag == "INPUT" and kind == "text")
    if field.input_value() and not (anew and takes_words):
        return
    if tag == "SELECT":
        field.select_option(index=1)
    elif kind == "time":
        field.fill("10:30")
    elif kind == "date":
        field.fill(str(field.evaluate("() => new Date().toISOString().slice(0, 10)")))
    elif kind == "number":
        field.fill(field.get_attribute("min") or "5")
    else:
        field.fill(words)
