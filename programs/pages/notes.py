"""What the parts of a module that only staff see are called: the notes to the therapist, and the slots of phrases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

SLOTS = {
    "bekrafta": gettext_lazy("Affirm"),
    "uppmuntra": gettext_lazy("Encourage"),
    "vagled": gettext_lazy("Guide"),
    "nasta_steg": gettext_lazy("Next step"),
}
PARTS = {
    "look": gettext_lazy("Look for"),
    "affirm": gettext_lazy("Affirm"),
    "problems": gettext_lazy("Common problems"),
    "safety": gettext_lazy("Safety"),
}
