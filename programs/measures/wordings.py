"""Instruments with the words that may be shown: shipped ones and own scales everywhere, gated ones where a clinic has
loaded them. Reads only; programs.actions.wordings writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clinics.models import Clinic
from programs.instruments import Instrument, with_wording
from programs.models import Wording
from programs.shipped import instruments, interviews

_sent: dict[tuple[str, str], Instrument] = {}  # by id and version; a version's words never change


def showable(clinic: Clinic, language: str, wanted: Iterable[str]) -> dict[str, Instrument]:
    """Return those of the wanted instruments that the clinic can show, in the language or else in another it has.

    One query, none when no gated instrument is wanted.
    """
    known = [instruments()[name] for name in dict.fromkeys(wanted) if name in instruments()]
    found = {each.id: each for each in known if each.has_wording}
    return found | _loaded(clinic, language, {each.id: each for each in known if not each.has_wording})


def interviews_loaded(clinic: Clinic, language: str) -> dict[str, Instrument]:
    """Return the interviews whose wording the clinic has loaded, for its staff to ask. One query."""
    return _loaded(clinic, language, interviews())


def _loaded(clinic: Clinic, language: str, gated: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """Return those of the gated ones that the clinic has words for, in the language or else in another."""
    rows = Wording.objects.newest(clinic).filter(instrument__in=gated) if gated else ()
    ordered = sorted(rows, key=lambda row: (row.language == language, row.language == "sv"))
    return {row.instrument: with_wording(gated[row.instrument], row.language, row.wording) for row in ordered}


def loaded_by(clinics: Iterable[Clinic]) -> list[Wording]:
    """Return what each clinic shows now. One query for each clinic: nearly everybody leads one."""
    return [row for clinic in clinics for row in Wording.objects.newest(clinic).select_related("loaded_by", "clinic")]


def as_sent(form: str, version: str) -> Instrument | None:
    """Return the instrument with the very words that a form of this version had, None when they are not known here.

    No query for shipped and own instruments, and one in a process' life for each gated wording.
    """
    known = instruments().get(form) or interviews().get(form)
    if known is None or known.has_wording:
        return known if known and known.version == version else None
    structure, _dot, wording = version.partition(".")
    if structure != known.version:
        return None
    if (form, version) not in _sent:
        row = Wording.objects.filter(instrument=form, content_hash=wording).first()
        if row is None:
            return None
        _sent[form, version] = with_wording(known, row.language, row.wording)
    return _sent[form, version]
