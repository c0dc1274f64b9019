"""Rules about the code: who writes, who asks the clock, how long things are, which letters stand where."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from fnmatch import fnmatch

import pytest
from django.conf import settings

from ikbt.celery import app as celery
from tests.guards.source import ROOT, Source, places, product

LONGEST_FILE, LONGEST_FUNCTION = 250, 40
LONG_FILES = {
    "ikbt/settings.py": "all settings stand in one file, in chapters (habit 38)",
    "programs/library_format/blocks.py": "one class for each kind of block: a list to look things up in",
}
LONG_FUNCTIONS: dict[str, str] = {}

# Calls that write rows, outside actions, sweeps, demo and migrations: file → why.
WRITERS = {
    "clinics/audit.py": "the audit log's one writer; the doors call it when somebody reads",
    "clinics/models/people.py": "a custom user's manager and its stored sorting key",
    "ikbt/management/commands/seed_demo.py": "marks the database as a demo, and lets one of its people be away",
    "messaging/notices.py": "writes the notice with the change that caused it; sends nothing",
    "riskmonitor/receivers.py": "marks the answers as screened inside their own transaction",
    "riskmonitor/watch/canary_visit.py": "the session of a canary's one request, which ends with it",
    "riskmonitor/watch/chain.py": "each process' sign of life, with the database's clock",
}
WRITING_SQL = re.compile(
    r"\b(insert\s+into|merge\s+into|delete\s+from|truncate|update\s+(only\s+)?[\w\".]+\s+set)\b", re.IGNORECASE
)
WRITING = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "create_user"}

# Who asks the clock, beside views, tasks, commands and middleware: file → why.
CLOCKS = {
    "clinics/access.py": "the doors ask for views that have no other use for the time",
    "clinics/forms.py": "a field's edge: no day years away is taken, on whatever page it is typed",
    "clinics/models/patients.py": "the door `visible_to`: who may be known now",
    "ikbt/engines/__init__.py": "waits for a server to start; Django is not there yet",
    "ikbt/health.py": "pages for machines",
    "ikbt/mail_sink.py": "a process of its own: when a mail came",
    "ikbt/templatetags/ui.py": "a template's edge: says how long ago something was",
    "messaging/transports.py": "until when a signature for push services holds",
    "riskmonitor/watch/chain.py": "the red bar, asked by the context of every page",
    "riskmonitor/watch/guard.py": "a process of its own",
    "riskmonitor/receivers.py": "signing in is the edge: the moment of coming back",
}
CLOCK = {"timezone.now", "datetime.now", "datetime.utcnow", "time.time", "date.today"}
SAID_ONCE = re.compile(r"[åäöÅÄÖ]")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "managers", "service", "services", "misc"}


def assert_explained(found: Iterable[str], explained: dict[str, str]) -> None:
    """Fail for what is neither allowed nor there any more."""
    files = list(found)
    assert [each for each in files if each.partition(":")[0] not in explained] == []
    assert set(explained) <= {each.partition(":")[0] for each in files}, "an explanation is no longer needed"


def test_only_actions_and_sweeps_write() -> None:
    found: list[tuple[Source, ast.AST, str]] = []
    for source in (each for each in product() if not _may_write(each)):
        found += [(source, call, name) for name, call in source.calls() if _writes(name, call)]
        found += [(source, node, "SQL") for node in ast.walk(source.tree) if _is_writing_sql(node)]
    assert_explained(places(found), WRITERS)


def _may_write(source: Source) -> bool:
    return source.within("actions", "sweeps", "demo")


def _writes(name: str, call: ast.Call) -> bool:
    """A queryset's update takes fields by name; a dict's, a set's and a hash's takes a value."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return called in WRITING or (called == "update" and bool(call.keywords) and not call.args)


def _is_writing_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(WRITING_SQL.search(node.value))


def test_the_clock_is_asked_at_the_edge() -> None:
    edges = ("views", "tasks", "commands", "middleware")
    asked = [(s, call, name) for s in product() if not s.within(*edges) for name, call in s.calls() if name in CLOCK]
    here = [
        (s, call, name) for s in product() for name, call in s.calls()
        if name in {"timezone.localtime", "timezone.localdate"} and not call.args and not s.within(*edges)
    ]  # fmt: skip
    assert_explained(places([*asked, *here]), CLOCKS)


def test_files_are_short() -> None:
    lengths = [f"{s.name}: {n} lines" for s in product() if (n := len(s.text.splitlines())) > LONGEST_FILE]
    assert_explained(lengths, LONG_FILES)


def test_functions_are_short() -> None:
    found = [
        (s, f, f"{f.name} {n} lines") for s in product() for f in s.functions() if (n := _length(f)) > LONGEST_FUNCTION
    ]
    assert_explained(places(found), LONG_FUNCTIONS)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_swedish_letters_stand_only_in_texts_that_are_content() -> None:
    """Python, templates and scripts say it in English; the catalogue says it in Swedish (architecture §7)."""
    pages = [path for folder in ("templates", "static") for path in (ROOT / folder).rglob("*")]
    files = [path for path in pages if path.suffix in {".html", ".js", ".txt", ".svg", ".css"}]
    files += [source.path for source in product()]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}" for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1) if SAID_ONCE.search(line)
    ]  # fmt: skip
    assert wrong == []


def test_names_tell_what_is_inside() -> None:
    parts = {part.removesuffix(".py") for source in product() for part in source.path.relative_to(ROOT).parts}
    assert parts & FORBIDDEN_NAMES == set()


def test_what_a_checker_is_told_to_ignore_has_a_reason() -> None:
    """`# type: ignore[code]  # why` and `# noqa: X1 - why`; the same reason may stand on the line above."""
    bare = re.compile(r"# (type: ignore(\[[\w-]+\])?|noqa(: [A-Z]+\d+)?)\s*$")
    wrong = []
    for source in product():
        lines = source.text.splitlines()
        for number, line in enumerate(lines, 1):
            above = lines[number - 2] if number > 1 else ""
            if bare.search(line) and not re.search(r"# (type: ignore\[[\w-]+\]  #|noqa: \w+ -) ?\w", above):
                wrong.append(f"{source.name}:{number}")
    assert wrong == []


def test_waiting_is_a_column_and_never_a_promise_of_the_broker() -> None:
    found = [
        (s, call, name) for s in product() for name, call in s.calls()
        if {word.arg for word in call.keywords} & {"eta", "countdown"} or name in {"celery.chain", "self.retry"}
    ]  # fmt: skip
    assert places(found) == []


def own_tasks() -> dict[str, object]:
    celery.loader.import_default_modules()
    return {name: task for name, task in celery.tasks.items() if name.split(".")[0] in {"ikbt", *settings_apps()}}


def settings_apps() -> set[str]:
    return {"clinics", "programs", "messaging", "riskmonitor", "followup"}


def test_every_task_has_a_route_and_says_what_happens_if_it_runs_twice() -> None:
    tasks = own_tasks()
    assert tasks
    routes = settings.CELERY_TASK_ROUTES
    assert [name for name in tasks if not any(fnmatch(name, pattern) for pattern in routes)] == []
    own_queue = {p for p in routes if p.startswith("riskmonitor") and routes[p]["queue"] == "safety"}
    assert own_queue == {"riskmonitor.tasks.*"}
    elsewhere = {p for p in routes if p.startswith("riskmonitor")} - own_queue
    assert elsewhere == {"riskmonitor.tasks.try_rules"}, "a dry run looks for nobody's danger; all else does"
    assert [name for name in tasks if "twice" not in said_about(name)] == []


def said_about(task: str) -> str:
    """Return the task's docstring and its module's."""
    module, _dot, name = task.rpartition(".")
    loaded = sys.modules[module]
    return f"{loaded.__doc__} {getattr(loaded, name).run.__doc__}"


def test_what_beat_calls_exists_and_expires_before_it_is_called_again() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in own_tasks()
        assert 0 < entry["options"]["expires"] <= float(entry["schedule"])


def test_the_rules_can_fail() -> None:
    """A file that breaks them is seen."""
    text = "import time\ndef f(row):\n    row.objects.update(a=1)\n    {}.update({'a': 1})\n    time.time()\n"
    source = Source(ROOT / "clinics" / "made_up.py", text)
    assert [name for name, call in source.calls() if _writes(name, call)] == ["row.objects.update"]
    assert "time.time" in {name for name, _call in source.calls()}
    assert not _may_write(source)
    with pytest.raises(AssertionError):
        assert_explained(["clinics/made_up.py:3 row.objects.update"], WRITERS)
