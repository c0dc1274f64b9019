"""What belongs to a flag: what was found, its own copy of the steps, and everything that happened to it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from messaging.models import Channel, Message
from programs.models import Submission
from riskmonitor.escalation.steps import Way
from riskmonitor.lexicon import Nuance
from riskmonitor.models.flag import AUDIENCES, URGENCIES, Done, Flag, Outcome
from riskmonitor.rules import Kind, Told, Urgency

NUANCES = [(Nuance.NEGATED, _("perhaps denied")), (Nuance.PAST, _("perhaps about the past"))]
ONCE_PER_ROW = ["submission", "message", "draft_key", "rule", "item", "value", "address", "start", "urgency"]


def every_way() -> list[str]:
    return [way.value for way in Way]


_KIND_OF_FLAG = Subquery(Flag.objects.filter(pk=OuterRef("flag_id")).values("kind"))  # None where it is gone


class FlagFindingSet(models.QuerySet["FlagFinding"]):
    def unanswered(self) -> Self:
        """Questions that were left out in a form that was sent, of open flags, and that nobody has answered since."""
        left_out = self.filter(value=None, submission__isnull=False, answered_in=None, flag__closed_at=None)
        return left_out.exclude(item="")

    def telling(self) -> list[tuple[FlagFinding, Told]]:
        """Return the findings, each with what it says of its row, for comparing. One query.

        Those whose flag is gone say nothing: nobody is told by them.
        """
        return self.telling_and_orphans()[0]

    def telling_and_orphans(self) -> tuple[list[tuple[FlagFinding, Told]], list[FlagFinding]]:
        """Return what `telling` does, and apart the findings whose flag is gone. One query.

        A flag goes past every key only by SQL, or by a restore in parts.
        """
        found = [(each, vars(each)["flag_kind"]) for each in self.annotate(flag_kind=_KIND_OF_FLAG)]
        telling = [(each, each.told(Kind(kind))) for each, kind in found if kind]
        return telling, [each for each, kind in found if not kind]


class FlagFinding(models.Model):
    """What a rule found. The same finding of the same row is stored once, however often the row is screened.

    Once for each urgency: rules that are changed may find the same more urgent.
    """

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="findings")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="findings")
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="findings")
    draft_key = models.UUIDField(null=True, blank=True, help_text="The draft that was marked and not sent.")
    urgency = models.CharField(max_length=10, choices=URGENCIES)
    rule = models.CharField(max_length=60)
    rule_version = models.CharField(max_length=40)
    item = models.CharField(max_length=20, blank=True)
    value = models.SmallIntegerField(null=True, blank=True)
    address = models.CharField(max_length=120, blank=True, help_text="Which text, where there are several.")
    phrase = models.CharField(max_length=200, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    nuances = ArrayField(
        models.CharField(max_length=10, choices=NUANCES), default=list, db_default=[], blank=True,
        help_text="What the word list saw beside the phrase. Empty also where it was found before this was kept.",
    )  # fmt: skip
    before = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="The total that a worsening is measured from."
    )
    answered_in = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Where a question that was left out was answered after all.",
    )  # fmt: skip
    found_at = models.DateTimeField()

    objects = FlagFindingSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=ONCE_PER_ROW,
                condition=Q(submission__isnull=False) | Q(message__isnull=False) | Q(draft_key__isnull=False),
                nulls_distinct=False,
                name="finding_once_per_row",
            ),
            models.UniqueConstraint(
                fields=["flag", "rule"],
                condition=Q(submission=None, message=None, draft_key=None),
                name="finding_once_per_flag",
            ),
            models.CheckConstraint(
                name="finding_answered_was_left_out", condition=Q(answered_in=None) | (Q(value=None) & ~Q(item=""))
            ),
            models.CheckConstraint(
                name="finding_nuances_are_known", condition=Q(nuances__contained_by=[each for each, _words in NUANCES])
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"urgency", "rule", "item", "value", "phrase", "nuances", "before"}
        plain: ClassVar = {
            "id", "flag", "submission", "message", "draft_key", "rule_version", "address", "start", "end",
            "answered_in", "found_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"finding {self.pk}"

    @property
    def nuance_words(self) -> tuple[str, ...]:
        """What the word list saw beside the phrase, in words: it says how something is told, and lowers nothing."""
        return tuple(str(words) for nuance, words in NUANCES if nuance in self.nuances)

    def says_the_same_as(self, other: FlagFinding) -> bool:
        """Tell whether the two say the same of the same row: that is stored once."""
        fields = [each for each in self._meta.concrete_fields if each.name in ONCE_PER_ROW]
        return all(each.value_from_object(self) == each.value_from_object(other) for each in fields)

    def told(self, kind: Kind) -> Told:
        """Return what it says of its row, held by a flag of the kind."""
        return Told(kind, Urgency(self.urgency), self.item, self.value, self.address, self.start, self.end)


class FlagStep(models.Model):
    """The flag's own copy of one escalation step, made when it was raised: a changed plan never changes a flag."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=12, choices=AUDIENCES)
    wait_minutes = models.PositiveIntegerField(null=True, blank=True)
    wait_days = models.PositiveSmallIntegerField(null=True, blank=True)
    repeat_minutes = models.PositiveIntegerField(null=True, blank=True)
    repeat_days = models.PositiveSmallIntegerField(null=True, blank=True)
    ways = ArrayField(models.CharField(max_length=10, choices=Channel), default=every_way)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flag", "position"], name="flag_step_once"),
            models.CheckConstraint(
                name="flag_step_waits_one_way",
                condition=Q(wait_minutes=None, wait_days__isnull=False) | Q(wait_minutes__isnull=False, wait_days=None),
            ),
            models.CheckConstraint(name="flag_step_tells_some_way", condition=Q(ways__len__gt=0)),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "flag", "position", "audience", "wait_minutes", "wait_days", "repeat_minutes", "repeat_days",
            "ways", "taken_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"step {self.position} {self.audience}"


class FlagEvent(models.Model):
    """What happened to a flag. Never changed, never deleted (trigger).

    `done` and `next_contact_on` are what was documented or closed with; `outcome` and the contact stand in the row that
    opens a flag again: what the closing had said, which the flag itself no longer says. `try_again_at` stands in the
    row that says not reached. `audience` is as whom a step called the person; who is told of new words while the steps
    go on has none. `realerted`: the steps began anew; in rows of earlier releases they may have gone on, and the flag
    counts as begun anew all the same. `reminded` calls nobody: the owner was told that the next try has come.
    `unsaved`: somebody who may not read the flag any more has words about it that are theirs alone.
    """

    class Kind(models.TextChoices):
        RAISED = "raised", _("raised")
        ATTACHED = "attached", _("new finding")
        REALERTED = "realerted", _("alerted again")
        NOTIFIED = "notified", _("notified")
        ACKNOWLEDGED = "acknowledged", _("taken on")
        LAPSED = "lapsed", _("lapsed without a documented action")
        ASKED = "asked", _("follow-up questions answered")
        ANSWERED = "answered", _("left-out question answered")
        NOT_REACHED = "not_reached", _("not reached")
        REMINDED = "reminded", _("reminded to try again")
        INTERVIEWED = "interviewed", _("structured interview")
        DOCUMENTED = "documented", _("documented")
        ASSIGNED = "assigned", _("assigned")
        NOBODY = "nobody", _("nobody present on any step")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("opened again")
        UNSAVED = "unsaved", _("wrote words that are not saved in the flag")

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    audience = models.CharField(max_length=12, choices=AUDIENCES, blank=True)
    note = models.TextField(blank=True)
    done = ArrayField(models.CharField(max_length=20, choices=Done), default=list, blank=True)
    next_contact_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    contact_at = models.DateTimeField(null=True, blank=True)
    contact_with = models.CharField(max_length=120, blank=True)
    try_again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="flag_event_reopened_with_reason", condition=~Q(kind="reopened") | (~Q(note="") & ~Q(outcome=""))
            ),
            models.CheckConstraint(
                name="flag_event_tries_again_if_not_reached", condition=Q(try_again_at=None) | Q(kind="not_reached")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["flag", "at"], name="flag_events_in_order")]

    class Privacy:
        clinical: ClassVar = {"note", "done", "outcome", "contact_with"}
        plain: ClassVar = {
            "id", "flag", "kind", "at", "by", "to", "audience", "next_contact_on", "contact_at", "try_again_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H.%M}"

    @property
    def done_words(self) -> str:
        return Done.words(self.done)
