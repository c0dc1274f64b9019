"""The transition table as C, and SPIN over it: the model in escalation.pml, with the decisions that Python met."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.model.promises import sweeps
from tests.model.world import Graph, State, World

MODEL = Path(__file__).with_name("escalation.pml")
HOLD = ("heard_of_again", "due_is_answered", "a_promise_lapses", "no_promise_lasts")
MUST_FAIL = ("never_raised_again", "never_lapses")
HEAD = """/* Written by tests/model/promela.py from the real next_step. Sorted by key, for bsearch. */
#include <stdlib.h>
typedef struct { unsigned long long key; unsigned char to[8]; } Row;
"""
TAIL = """
static int in_order(const void *a, const void *b) {
	unsigned long long x = ((const Row *)a)->key, y = ((const Row *)b)->key;
	return (x > y) - (x < y);
}
"""
DECIDE = """c_code {
static void decide(struct State *s) {
	Row want, *row;
	want.key = s->is_open;
	want.key = want.key << 8 | s->here; want.key = want.key << 8 | s->taken; want.key = want.key << 8 | s->owner;
	want.key = want.key << 8 | s->elapsed; want.key = want.key << 8 | s->held; want.key = want.key << 8 | s->next_in;
	row = (Row *) bsearch(&want, rows, sizeof(rows) / sizeof(Row), sizeof(Row), in_order);
	known = row != 0;
	if (!row) return;
	s->taken = row->to[0]; s->owner = row->to[1]; s->elapsed = row->to[2]; s->held = row->to[3];
	s->next_in = row->to[4]; told = row->to[5]; nobody = row->to[6]; lapsed = row->to[7];
}
}
"""


@dataclass(frozen=True)
class Verdict:
    """What SPIN printed: errors and states stored."""

    errors: int
    states: int


def key(state: State) -> int:
    """Return the arguments of a decision as one number, a byte each."""
    packed = int(state.is_open)
    for part in (state.here, state.taken, state.owner, state.elapsed, state.held, state.next_in):
        packed = packed << 8 | part
    return packed


def table(graph: Graph) -> str:
    """Return every decision of the graph as a C array."""
    rows = {}
    for edge, told in sweeps(graph):
        after = edge.after
        to = (after.taken, after.owner, after.elapsed, after.held, after.next_in, told.people, told.nobody, told.lapsed)
        rows[key(edge.before)] = ",".join(str(int(each)) for each in to)
    lines = ",\n".join(f"{{{number}ULL,{{{to}}}}}" for number, to in sorted(rows.items()))
    return f"{HEAD}static const Row rows[] = {{\n{lines}\n}};\n{TAIL}"


class Spin:
    """One plan's model, translated and compiled in a folder of its own."""

    def __init__(self, world: World, graph: Graph, folder: Path, *, live: bool = False) -> None:
        self.folder = folder
        plan = world.plan
        (folder / "table.h").write_text(table(graph))
        (folder / "model.pml").write_text(MODEL.read_text().replace("active proctype", f"{DECIDE}\nactive proctype"))
        numbers = {"REPEAT": plan.repeat, "LAST_WAIT": max(plan.waits), "LAPSE": plan.lapse, "BOUND": plan.bound}
        numbers["ASKABLE"] = plan.askable
        numbers["COMERS"] = sum(1 << person for person in world.plan.comers)
        defined = [f"-D{name}={value}" for name, value in numbers.items()]
        self._run("spin", *defined, *(["-DLIVE"] if live else []), "-a", "model.pml")
        safety = [] if live else ["-DSAFETY", "-DNOCLAIM"]
        self._run("gcc", "-O1", "-w", "-DNOREDUCE", "-DMEMLIM=2048", *safety, "-o", "pan", "pan.c")

    def safety(self) -> Verdict:
        """Visit every state; the assertions of the model are looked at in each."""
        return self._pan()

    def formula(self, name: str) -> Verdict:
        """Search for a behaviour that breaks the formula, for ever."""
        return self._pan("-a", "-N", name)

    def _pan(self, *how: str) -> Verdict:
        said = self._run("./pan", *how, "-m1000000", "-w20")
        if "search depth too small" in said or "out of memory" in said:
            raise AssertionError(said)
        errors, states = re.search(r"errors: (\d+)", said), re.search(r"(\d+) states, stored", said)
        if not errors or not states:
            raise AssertionError(said)
        return Verdict(int(errors[1]), int(states[1]))

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout


def missing() -> str | None:
    """Return what the machine lacks to run SPIN."""
    return next((name for name in ("spin", "gcc") if shutil.which(name) is None), None)
