"""Make the folder of a new programme: valid as a draft, and each place to write at is marked. Writes files."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from .parse import is_slug
from .parse_programme import FILE

TEMPLATES = Path(__file__).with_name("skeleton_files")


class NotASlug(ValueError):
    """The name holds other characters than a-z, 0-9 and single hyphens, or is too long."""


class AlreadyThere(FileExistsError):
    """The folder exists; nothing was written."""


def write_skeleton(library: Path, slug: str, *, title: str, patient_title: str, problem: str) -> Path:
    """Write the folder and return it. Raises NotASlug and AlreadyThere; an existing file is never touched."""
    if not is_slug(slug):
        raise NotASlug(slug)
    folder = library / slug
    try:
        folder.mkdir(parents=True)
    except FileExistsError as there:
        raise AlreadyThere(folder) from there
    (folder / "sv").mkdir()
    values = {"title": title, "patient_title": patient_title, "problem": problem}
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}  # JSON text is YAML text
    facts = Template((TEMPLATES / FILE).read_text(encoding="utf-8")).substitute(quoted, slug=slug)
    (folder / FILE).write_text(facts, encoding="utf-8")
    (folder / "sv" / "01-start.md").write_bytes((TEMPLATES / "module.md").read_bytes())
    return folder
