"""What each kind of file is called, what it holds, and under which name it is fetched: a name that tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from followup.models import Report

PDF, ZIP = "application/pdf", "application/zip"


@dataclass(frozen=True)
class FileKind:
    name: str | Promise
    holds: str | Promise
    file_name: str
    content_type: str = PDF


KINDS: Mapping[str, FileKind] = {
    Report.Kind.SUMMARY: FileKind(
        _("Treatment summary"),
        _("It holds name, programme, measures and modules. It quotes nothing that the patient has written."),
        "sammanfattning.pdf",
    ),
    Report.Kind.WORKBOOK: FileKind(
        _("Workbook to write in"), _("The whole programme on paper, with lines to write on."), "arbetshafte.pdf"
    ),
    Report.Kind.FILLED: FileKind(
        _("Workbook with the answers"),
        _("The open parts on paper with the answers that were sent, and what was recorded with the tools."),
        "arbetshafte-ifyllt.pdf",
    ),
    Report.Kind.OWN_DATA: FileKind(
        _("All own data"),
        _("All that was written and answered, messages, measures and plan: a page to read, and a file for computers."),
        "mina-uppgifter.zip",
        ZIP,
    ),
}
FOR_PATIENTS = (Report.Kind.WORKBOOK, Report.Kind.FILLED, Report.Kind.OWN_DATA)
FOR_STAFF = (Report.Kind.SUMMARY, Report.Kind.WORKBOOK, Report.Kind.FILLED)
