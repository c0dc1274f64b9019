"""What one patient sends in one treatment, drawn from published rates. Pure, and the same for the same seed and number.

Sources: thoughts of suicide 26.1 %, plans 2.4 %, acute 0.6 % of 9,061 patients (Nielssen et al. 2015, BMC Psychiatry:
MindSpot, twelve months). Drop-out from internet treatment of depression, mean 32 % (Forsell et al. 2020). Marked
worsening, 5 to 10 % in psychological treatment at large (Rozental et al., Negative Effects Questionnaire): 5 % here.
What else a week holds (how often a form is left out, how often and when people write) is the project's own guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random

THOUGHTS, PLANS, ACUTE = 2366 / 9061, 213 / 9061, 51 / 9061
DROP_OUT, WORSENING = 0.32, 0.05
LEFT_OUT, LATE = 0.1, 0.3  # of the weekly forms: not sent, sent a day late
WRITES, LOGS = 0.35, 0.5  # a message, an entry in a tool, in a week
WORDS_TOO = 0.3  # of those with thoughts, who also write of them
WEEKS = 10
ITEMS = 8  # of PHQ-9, beside the ninth
HOURS = [7, 12, 17, 18, 19, 20, 20, 21, 21, 22, 23]  # most write in the evening
LEAP = 10  # points in a week that a worsening is planted with, far above what chance gives


class Sign(StrEnum):
    """What was planted, and must have its flag."""

    ITEM = "a marked question about suicide"
    TEXT = "plain words about suicide"
    WORSE = "a marked worsening"
    SILENT = "a patient who has fallen silent"


@dataclass(frozen=True)
class Sent:
    """One thing that is sent so long after the start. `kind` is phq9, gad7, message or log."""

    after: timedelta
    kind: str
    answers: tuple[int, ...] = ()
    text: str = ""
    planted: tuple[Sign, ...] = ()
    told: bool = False  # words of somebody in danger from the labelled texts, which the word list may miss


@dataclass(frozen=True)
class Course:
    """What is sent, in order; `gives_up` says whether the last of it comes before the programme's end."""

    sent: tuple[Sent, ...]
    gives_up: bool

    @property
    def ends(self) -> timedelta:
        """Return when the last thing is sent."""
        return self.sent[-1].after


@dataclass(frozen=True)
class Words:
    """The texts to draw from: everyday ones, plain danger, and danger as other writers put it."""

    everyday: tuple[str, ...]
    plain: tuple[str, ...]
    told: tuple[str, ...]


@dataclass
class _Person:
    """What is drawn once: how the person begins and ends, and in which weeks danger is near."""

    chance: Random
    last_week: int = WEEKS
    low: float = 0
    high: float = 0
    leaps_in: int | None = None
    dark: dict[int, int] = field(default_factory=dict)  # week -> how the ninth question is answered
    words_in: int | None = None
    plan_in: int | None = None

    @property
    def gives_up(self) -> bool:
        return self.last_week < WEEKS


def course(number: int, seed: int, words: Words) -> Course:
    """Return what patient `number` sends."""
    chance = Random(f"{seed}:{number}")
    person = _drawn(chance)
    sent: list[Sent] = []
    leapt, own_day = False, chance.randrange(6)  # people have their day for it, and now and then are a day late
    for week in range(person.last_week):
        day = own_day + (chance.random() < LATE)
        at = timedelta(weeks=week, days=day, hours=chance.choice(HOURS), minutes=chance.randrange(60))
        must_answer = week in {0, person.leaps_in, person.last_week - 1, *person.dark}
        if must_answer or chance.random() >= LEFT_OUT:
            leapt = leapt or week == person.leaps_in
            sent += _forms(person, week, at, leaps=week == person.leaps_in, leapt=leapt)
        sent += _texts(person, week, at, words)
    sent.sort(key=lambda each: each.after)
    return Course(tuple(sent), person.gives_up)


def _drawn(chance: Random) -> _Person:
    person = _Person(chance)
    person.high = min(21.0, max(4.0, chance.gauss(13, 4)))
    person.low = max(1.0, person.high * (1 - chance.gauss(0.45, 0.25)))
    if chance.random() < DROP_OUT:
        person.last_week = chance.randint(2, WEEKS - 2)
    if chance.random() < WORSENING:
        person.leaps_in, person.high = chance.randint(1, person.last_week - 1), chance.uniform(4, 10)
        person.low = person.high - 1
    if chance.random() < THOUGHTS:
        first = chance.randrange(max(1, person.last_week - 3))
        weeks = range(first, min(person.last_week, first + chance.randint(1, 5)))
        person.dark = dict.fromkeys(weeks, 1)
        _darker(person, list(weeks))
    return person


def _darker(person: _Person, weeks: list[int]) -> None:
    """Of those with thoughts some have a plan, and some of these are in acute danger; some write of it."""
    chance = person.chance
    if chance.random() < WORDS_TOO:
        person.words_in = chance.choice(weeks)
    if chance.random() < PLANS / THOUGHTS:
        person.plan_in = chance.choice(weeks)
        person.dark[person.plan_in] = 3 if chance.random() < ACUTE / PLANS else 2


def _forms(person: _Person, week: int, at: timedelta, *, leaps: bool, leapt: bool) -> list[Sent]:
    chance, risk = person.chance, person.dark.get(week, 0)
    mean = person.high + (person.low - person.high) * week / (WEEKS - 1)
    total = round(person.high + LEAP + 2 if leapt else chance.gauss(mean, 1.5))
    planted = (Sign.ITEM,) * bool(risk) + (Sign.WORSE,) * leaps
    worry = min(21, max(0, round(0.8 * total + chance.gauss(0, 1.5))))
    return [
        Sent(at, "phq9", (*_spread(chance, total, ITEMS), risk), planted=planted),
        Sent(at + timedelta(minutes=2), "gad7", _spread(chance, worry, 7)),
    ]


def _spread(chance: Random, total: int, items: int) -> tuple[int, ...]:
    """Return answers 0 to 3 that add up to the total, as far as that can be."""
    marks = [item for item in range(items) for _ in range(3)]
    chosen = chance.sample(marks, min(len(marks), max(0, total)))
    return tuple(chosen.count(item) for item in range(items))


def _texts(person: _Person, week: int, at: timedelta, words: Words) -> list[Sent]:
    chance, found = person.chance, []
    if chance.random() < WRITES:
        found.append(Sent(at + timedelta(minutes=10), "message", text=chance.choice(words.everyday)))
    if chance.random() < LOGS:
        found.append(Sent(at + timedelta(minutes=20), "log", text=chance.choice(words.everyday)))
    if week == person.words_in:
        found.append(Sent(at + timedelta(minutes=30), "message", text=chance.choice(words.told), told=True))
    if week == person.plan_in:
        plain = chance.choice(words.plain)
        found.append(Sent(at + timedelta(minutes=40), "message", text=plain, planted=(Sign.TEXT,)))
    return found
