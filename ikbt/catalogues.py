"""Compile the catalogues of translations (.po → .mo) with Babel, so that nobody needs GNU gettext to run the project.

python -m ikbt.catalogues locale/sv/LC_MESSAGES/django.po …
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po


def compile_catalogue(source: Path) -> Path:
    """Write the .mo beside the .po, whole or not at all. PoFileError or ValueError name what is wrong."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    for message, errors in catalogue.check():
        raise ValueError(f"{source}: line {message.lineno}: {errors[0]}")
    target = source.with_suffix(".mo")
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.rename(target)
    return target


if __name__ == "__main__":
    try:
        for name in sys.argv[1:]:
            compile_catalogue(Path(name))
    except (PoFileError, ValueError) as problem:
        sys.exit(str(problem))
