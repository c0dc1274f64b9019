"""One entry of each kind of each tool, with every field filled in."""

from __future__ import annotations

from typing import Any

WHOLE: dict[str, dict[str, Any]] = {
    "goals": {"goals": [{"goal": "Gå till biblioteket", "sign": "Jag har kollat tiderna", "close": 2}]},
    "map": {
        "situation": "Telefonen ringde", "thoughts": "Det är säkert något jobbigt", "body": "Tungt i bröstet",
        "feelings": [{"name": "oro", "strength": 70}, {"name": "skam"}], "did": "Lät den ringa",
        "at_once": "Lugnare", "later": "Svårare att ringa upp",
    },
    "mood_log": {
        "date": "2026-11-21", "time": "09:30", "activity": "Kaffe på gården", "company": "ensam", "mood": 5, "joy": 4,
        "mastery": 3, "note": "Solen kom",
    },
    "week_planner": {
        "what": "Gå runt kvarteret", "kind": "movement", "minutes": 10, "day": "tue", "time": "10:00", "place": "ute",
        "obstacle": "regn", "plan_b": "trappan", "outcome": "part", "before": 3, "after": 4,
    },
    "values": {"area": "friends", "importance": 9, "lived": 3, "words": "En vän som hör av sig", "next": "Ringa Lisa"},
    "problem_solving": {
        "problem": "Räkningen är sen", "options": [{"option": "Ringa", "for": "Går fort", "against": "Läskigt"}],
        "choice": "Ringa", "when": "Tisdag kl. 9", "result": "Det gick bra", "next": "Lägga upp en plan",
    },
    "thought_record": {
        "situation": "Chefen gick förbi", "feelings": [{"name": "skam", "strength": 80}], "thought": "Hon är arg",
        "belief": 90, "speaks_for": "Hon hälsade inte", "speaks_against": "Hon pratade i telefon",
        "other_view": "Hon såg mig inte", "belief_after": 30, "feelings_after": [{"name": "skam", "strength": 20}],
    },
    "experiment": {
        "thought": "Ingen svarar", "prediction": "Det blir tyst", "belief": 80, "test": "Fråga i gruppen",
        "left_out": "Att skriva manus", "happened": "Två svarade", "belief_after": 20, "learnt": "Det går att fråga",
    },
    "worry_time": {
        "worry": "Tänk om bilen går sönder", "kind": "what_if", "strength": 6, "date": "2026-11-20", "time": "22:10",
        "matters": "little", "then": "let_go", "action": "Boka service",
    },
    "exposure_ladder:steps": {"steps": [{"step": "Stå i kön", "fear": 4}, {"step": "Åka buss", "fear": 7}]},
    "exposure_ladder:trial": {
        "step": "Stå i kön", "kind": "life", "prediction": "Jag svimmar", "likely": 70, "before": 6,
        "peak": 8, "end": 3, "minutes": 15, "protection": "Höll i vagnen", "happened": "Jag stod kvar",
        "learnt": "Det gick över",
    },
    "body_exercise": {
        "exercise": "spin", "seconds": 30, "sensations": "Yr", "likeness": 7, "fear": 6, "thought": "Jag faller",
        "thought_before": 80, "thought_after": 40, "stopped": "yes", "why": "Mådde illa",
    },
    "tally": {"of": "checks", "count": 4, "date": "2026-11-20", "urge": 7, "waited": 10, "outcome": "left"},
    "practice": {"kind": "breath", "minutes": 5, "before": 7, "after": 4, "note": "Lugnare i magen"},
    "sleep_diary": {
        "date": "2026-11-20", "bed": "23:10", "lights_out": "23:30", "to_sleep": 40, "wakings": 2, "awake": 35,
        "last_waking": "06:00", "rise": "06:30", "quality": 4, "naps": 20, "medicine": "En tablett melatonin",
        "alcohol": 1, "caffeine": 2,
    },
    "relapse_plan": {
        "signs": "Jag tackar nej", "signs_others": "Jag blir tyst", "helped": "Promenader", "habits": "Ringa Lisa",
        "risky": "November", "green": "Fortsätta gå ut", "yellow": "En sak om dagen", "red": "Ringa vårdcentralen",
        "call": "Lisa", "review": "2027-01-10",
    },
    "pacing:baseline": {"activity": "Dammsuga", "first": 10, "second": 20, "third": 15},
    "pacing:day": {
        "activity": "Dammsuga", "done": 12, "stopped": "yes", "before": 4, "after": 5, "date": "2026-11-20",
    },
    "load_log": {
        "date": "2026-11-20", "time": "16:00", "what": "Möte", "demand": 60, "recovery": 10, "energy": 4, "stress": 7,
    },
    "strengths": {
        "happened": "Grannen frågade om hjälp", "did": "Bar kassarna", "shows": "Jag är hjälpsam", "sure": 6,
        "critic": "Det var väl inget", "answer": "Det var snällt",
    },
}  # fmt: skip


def as_posted(entry: dict[str, Any]) -> dict[str, str]:
    """Return an entry as its form posts it."""
    posted: dict[str, str] = {}
    for name, value in entry.items():
        if isinstance(value, list):
            for number, row in enumerate(value):
                posted |= {f"{name}.{number}.{cell}": str(words) for cell, words in row.items()}
        else:
            posted[name] = str(value)
    return posted
