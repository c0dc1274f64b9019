"""Each view names who may see it, and holds no row that the person may not see (house-style 13-15)."""

from __future__ import annotations

import ast
from collections import Counter

from django.conf import settings

from clinics.access import Permission
from tests.guards.addresses import Address, addresses
from tests.guards.source import Source, places, product

# allauth's own views have no decorator of ours. What is not behind sign-in, and why.
ALLAUTH_PUBLIC = {
    "account_login": "signing in",
    "account_logout": "asked by somebody whose session has just ended: leads to sign-in",
    "account_signup": "closed: says that one is invited",
    "account_inactive": "says that the account is closed",
    "account_reset_password": "a new password for somebody who cannot sign in",
    "account_reset_password_done": "the same, second page",
    "account_reset_password_from_key": "the same, from the mail",
    "account_reset_password_from_key_done": "the same, last page",
    "account_confirm_email": "from the mail",
    "account_email_verification_sent": "says that a mail has been sent",
    "account_confirm_login_code": "second page of signing in by a code; closed without a first",
}

# `Model.objects` in a view other than `.visible_to(user)`: file and model → why it shows nobody else's rows.
UNFILTERED = {
    ("ikbt/views/meanwhile.py", "Absence"): "one's own",
    ("ikbt/demo/views.py", "User"): "demo sign-in: chooses among a fixed cast, and exists in a demo only",
    ("riskmonitor/views/absence.py", "Absence"): "one's own, or of members of a clinic that one leads",
    ("riskmonitor/views/absence_plan.py", "User"): "colleagues who may stand in, by codes the plan has chosen",
    ("riskmonitor/views/clinic_flags.py", "User"): "a colleague, by a code that the form has checked",
    ("riskmonitor/views/flag_moves.py", "User"): "a colleague, by a code that the form has checked",
    ("riskmonitor/views/flags.py", "Draft"): "one's own draft",
    ("riskmonitor/views/hubs.py", "Clinic"): "names of the region's clinics, to ask for help",
    ("riskmonitor/views/hubs.py", "HubAgreement"): "of clinics that one leads",
    ("riskmonitor/views/named.py", "User"): "colleagues who may treat, by codes that the form has checked",
    ("riskmonitor/views/people.py", "Clinic"): "names of the region's clinics, to lend to",
    ("riskmonitor/views/people.py", "Membership"): "of clinics that one leads or administers",
    ("riskmonitor/views/people.py", "Revision"): "titles of programmes",
    (
        "riskmonitor/views/rules.py",
        "DryRun",
    ): "counts of flags without words; other clinics are one sum",
    ("riskmonitor/views/patient.py", "Submission"): "the patient's own, who has come through own_patient",
}
DOORS = {"visible_to"}


def ours() -> list[Address]:
    return [each for each in addresses() if each.is_ours]


def test_every_view_names_its_permission_or_says_why_it_is_public() -> None:
    nameless = [each.name or each.route for each in ours() if not (_asks(each) or _is_public(each))]
    assert nameless == []
    assert all(isinstance(each.view.requires, Permission) for each in ours() if _asks(each))


def test_no_view_is_both_public_and_closed() -> None:
    assert [each.name for each in ours() if _asks(each) and _is_public(each)] == []
    assert [each.name for each in ours() if _asks(each) and not getattr(each.view, "login_required", True)] == []


def test_public_views_are_open_and_give_a_sentence_as_reason() -> None:
    for each in filter(_is_public, ours()):
        assert getattr(each.view, "login_required", True) is False, each.name
        assert len(each.view.public_because.split()) >= 5, each.name


def test_allauth_opens_no_page_that_is_not_listed_with_a_reason() -> None:
    open_pages = {e.name for e in addresses() if not e.is_ours and not getattr(e.view, "login_required", True)}
    assert open_pages == set(ALLAUTH_PUBLIC)


def test_every_permission_is_asked_by_a_view_and_held_by_a_role() -> None:
    from clinics.access import ROLE_PERMISSIONS

    held = set().union(*ROLE_PERMISSIONS.values())
    assert held == set(Permission)
    asked = {each.view.requires for each in ours() if _asks(each)} | {Permission.SEE_CHAIN}  # the red bar's
    assert asked | {Permission.SEE_FLAG_CLOCKS} == set(Permission)


def test_names_are_flat_and_unique_and_codes_stand_outside() -> None:
    names = [each.name for each in addresses()]
    assert [name for name, count in Counter(names).items() if count > 1 or not name or ":" in name] == []
    assert {part for each in ours() for part in each.parts.values()} <= {"uuid", "slug", "string"}


def test_views_touch_rows_only_through_doors() -> None:
    found = [hit for source in product() if source.within("views") for hit in _unfiltered(source)]
    unexplained = [hit for hit in found if (hit[0].name, hit[2]) not in UNFILTERED]
    assert places(unexplained) == []
    assert set(UNFILTERED) - {(source.name, model) for source, _node, model in found} == set()


def _unfiltered(source: Source) -> list[tuple[Source, ast.AST, str]]:
    """Return each `Model.objects.x` where x is not a door, with the model's name."""
    return [
        (source, node, ast.unparse(node.value.value))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "objects"
        and node.attr not in DOORS
    ]  # fmt: skip


def test_an_unfiltered_query_is_seen() -> None:
    text = "a = Patient.objects.all()\nb = Patient.objects.visible_to(user).filter(pk=1)\n"
    assert [model for _s, _n, model in _unfiltered(Source(product()[0].path, text))] == ["Patient"]


def test_sign_in_is_demanded_by_middleware_and_not_by_each_page() -> None:
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE


def _asks(each: Address) -> bool:
    return hasattr(each.view, "requires")


def _is_public(each: Address) -> bool:
    return hasattr(each.view, "public_because")
