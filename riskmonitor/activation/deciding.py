"""Could anybody put changed rules in force? Asked before a release has them, while there is time. Reads only."""

from __future__ import annotations

from clinics.access import ROLE_PERMISSIONS, Permission
from clinics.fresh_login import can_show_again
from clinics.models import Membership, User

NEEDED = 2  # one proposes, another decides


def who_may_decide() -> list[User]:
    """Return the active people who hold the right to decide about rules today. One query."""
    roles = [role for role, allowed in ROLE_PERMISSIONS.items() if Permission.ACTIVATE_RULES in allowed]
    posts = Membership.objects.current().filter(role__in=roles)
    return list(User.objects.filter(pk__in=posts.values("user")))


def too_few_to_decide() -> str:
    """Return for a terminal that two people could not decide, and what helps; "" when they could."""
    may = who_may_decide()
    able = sum(map(can_show_again, may))
    if able >= NEEDED:
        return ""
    return (
        f"Nobody could put changed rules in force: it takes {NEEDED} people who lead a clinic or the region and have a "
        f"password here to show again, and of the {len(may)} who lead {able} can. Let them choose one by the link for "
        "a forgotten password, before a release with other rules: without them every answer would be a flag."
    )
