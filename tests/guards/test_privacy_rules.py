"""Each field is classed, and no clinical or identifying word leaves the pages by name: logs, addresses, tasks (I11)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from tests.guards.addresses import addresses
from tests.guards.source import APPS, Source, places, product

CLASSES = ("identifying", "clinical", "secret", "plain")
# Models that others wrote, and what they hold.
OTHERS = {
    "account.EmailAddress": "identifying: the mail address once more, for allauth",
    "account.EmailConfirmation": "secret: a key that was mailed",
    "auth.Group": "plain: not used",
    "auth.Permission": "plain: not used",
    "mfa.Authenticator": "secret: a second factor",
    "contenttypes.ContentType": "plain: names of models",
    "sessions.Session": "secret: a signed session; codes of a round of patients stand in it, never a name",
}
LOG_CALLS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)+")
SENDS = {"delay", "apply_async", "send_task"}
# Keywords of log calls that are called as a clinical field is, and are none: file and keyword → why.
LOGGED: dict[tuple[str, str], str] = {}


def own_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def classed(model: type[models.Model]) -> dict[str, set[str]]:
    privacy = getattr(model, "Privacy", None)
    return {name: set(getattr(privacy, name, ())) for name in CLASSES}


def fields_of(*classes: str) -> set[str]:
    return {name for model in own_models() for each in classes for name in classed(model)[each]}


def test_each_field_of_each_model_is_classed_once() -> None:
    wrong = []
    for model in own_models():
        there = {field.name for field in model._meta.concrete_fields}
        said = [name for names in classed(model).values() for name in names]
        wrong += [f"{model._meta.label}.{name} is not classed" for name in there - set(said)]
        wrong += [f"{model._meta.label}.{name} does not exist" for name in set(said) - there]
        wrong += [f"{model._meta.label}.{name} is classed twice" for name in set(said) if said.count(name) > 1]
    assert wrong == []


def test_privacy_has_no_class_that_the_guard_does_not_know() -> None:
    named = {n for model in own_models() for n in vars(getattr(model, "Privacy", object)) if not n.startswith("_")}
    assert named <= set(CLASSES)


def test_what_others_keep_is_listed() -> None:
    there = {model._meta.label for model in apps.get_models() if model._meta.app_label not in APPS}
    assert there == set(OTHERS)


def test_every_free_text_is_clinical_or_explained() -> None:
    """A text field is where people write. What only the system writes, or what is content, may be plain."""
    written_by_us = {
        "programs.Module.aim", "programs.Revision.withdrawn_because", "programs.Correction.text",
        "programs.Wording.licence",  # a clinic about itself
        "riskmonitor.RuleActivation.reason", "riskmonitor.RuleProposal.reason",  # those who lead, about rules
    }  # fmt: skip
    texts = {
        f"{model._meta.label}.{field.name}" for model in own_models() for field in model._meta.concrete_fields
        if isinstance(field, models.TextField) and field.name in classed(model)["plain"]
    }  # fmt: skip
    assert texts == written_by_us


def log_calls(sources: list[Source]) -> Iterator[tuple[Source, ast.Call]]:
    for source in sources:
        for name, call in source.calls():
            logger, _dot, level = name.rpartition(".")
            if level in LOG_CALLS and logger.rpartition(".")[2] in {"log", "logger"}:
                yield source, call


def words_in(call: ast.Call) -> list[str]:
    """Return what a log call says beside ids and figures: a clinical or identifying field, prose, or everything."""
    tells = fields_of("identifying", "clinical", "secret")
    said = [word.arg or "**" for word in call.keywords if word.arg is None or word.arg in tells]
    event = call.args[0] if call.args else None
    if not (isinstance(event, ast.Constant) and EVENT.fullmatch(str(event.value))) or len(call.args) > 1:
        said.append("not an event's name")
    return said


def test_log_lines_are_event_names_and_ids() -> None:
    calls = list(log_calls(product()))
    assert calls
    found = [
        (source, call, word) for source, call in calls for word in words_in(call) if (source.name, word) not in LOGGED
    ]
    assert places(found) == []


def test_nobody_logs_by_another_way() -> None:
    found = [
        (source, call, name) for source in product() for name, call in source.calls()
        if name.startswith("logging.") and name.rpartition(".")[2] in LOG_CALLS
    ]  # fmt: skip
    assert places(found) == []


def test_a_log_line_that_tells_is_seen() -> None:
    text = 'log.info("flag.raised", phrase=x)\nlog.warning(f"{name} wrote")\nlog.error("flag.raised", flag=1)\n'
    calls = [call for _source, call in log_calls([Source(product()[0].path, text)])]
    assert [words_in(call) for call in calls] == [["phrase"], ["not an event's name"], []]


def test_addresses_hold_codes_and_no_personal_field() -> None:
    tells = fields_of("identifying", "secret")
    assert [each.name for each in addresses() if each.is_ours and set(each.parts) & tells] == []


def test_tasks_carry_row_ids_alone() -> None:
    sent = [(s, call) for s in product() for name, call in s.calls() if name.rpartition(".")[2] in SENDS]
    assert sent
    for source, call in sent:
        given = [word.value for word in call.keywords if word.arg in {"args", "kwargs"}]
        assert [ast.unparse(each) for each in given] == ["(pk,)"], places([(source, call, "sends more than an id")])


def test_a_task_takes_an_id_or_nothing() -> None:
    tasks = [
        (source, function) for source in product() if source.within("tasks") for function in source.functions()
        if any("shared_task" in ast.unparse(each) for each in function.decorator_list)
    ]  # fmt: skip
    assert tasks
    assert {ast.unparse(function.args) for _source, function in tasks} <= {"", "pk: int"}
