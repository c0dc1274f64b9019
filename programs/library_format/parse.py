"""Read a programme's folder: programme.yaml, the module files of each language, the media. Only reads files."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from .faults import INVISIBLE, Fault, fault
from .parse_module import parse_module
from .parse_programme import FILE, parse_programme
from .structure import ModuleFile, ProgrammeFile

_MODULE_FILE = re.compile(r"(\d\d)-([a-z0-9-]+)\.md")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CRISIS_FILE = "crisis.yaml"
SLUG_MAX = 60  # characters: what a programme's and a module's row hold
_MEDIA = re.compile(r"\bmedia/[a-z0-9._-]+")
_SIZE_MAX, _LINE_MAX = 100_000, 2_000  # bytes of a file, characters of a line: ten times what a module needs
_DATA_FILES = (".yaml", ".yml", ".json", ".csv", ".tsv", ".txt", ".xlsx")


def read_programme(folder: Path) -> tuple[ProgrammeFile | None, list[Fault]]:
    """Return the programme of a folder and every fault of form; None when programme.yaml cannot be used.

    A module file that cannot be understood is left out of the result, and its faults say why.
    """
    text, faults = read_text(folder / FILE, FILE)
    if text is None:
        return None, faults
    programme, found = parse_programme(text)
    faults += found
    if not is_slug(folder.name):
        faults.append(fault("P01.slug_letters", FILE, 1, folder=folder.name))
    if programme is None:
        return None, faults
    if programme.slug != folder.name:
        faults.append(fault("P01.slug", FILE, programme.line("slug"), folder=folder.name, slug=programme.slug))
    texts = {}
    for language in programme.languages:
        modules, found = _read_language(folder, language, programme)
        texts[language] = modules
        faults += found
    faults += _stray_files(folder, programme)
    return replace(programme, texts=texts), faults


def is_slug(name: str) -> bool:
    """Tell whether a programme may be called that: small letters a-z, digits and single hyphens, at most 60."""
    return bool(_SLUG.fullmatch(name)) and len(name) <= SLUG_MAX


def programme_hash(folder: Path) -> str:
    """Return the SHA-256 of every file of a programme, name and content.

    Hidden files are left out, and crisis.yaml: it holds what may change while the edition stays (see crisis.py).
    """
    digest = hashlib.sha256()
    for path in (path for path in _files(folder) if path != folder / CRISIS_FILE):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read_text(path: Path, file: str) -> tuple[str | None, list[Fault]]:
    """Return a file's text with plain line feeds, or None and why it cannot be used; `file` is what faults call it."""
    try:
        if path.stat().st_size > _SIZE_MAX:
            return None, [fault("P02.size", file, 1, limit=_SIZE_MAX // 1000)]
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None, [fault("P02.encoding", file, 1)]
    except OSError:
        return None, [fault("P02.no_file", file, 1, file=file)]
    faults = []
    for number, line in enumerate(text.split("\n"), start=1):
        if INVISIBLE.search(line):
            faults.append(fault("P02.invisible", file, number))
        if len(line) > _LINE_MAX:
            faults.append(fault("P02.line", file, number, limit=_LINE_MAX))
    return (None, faults) if faults else (text, [])


def _read_language(folder: Path, language: str, programme: ProgrammeFile) -> tuple[tuple[ModuleFile, ...], list[Fault]]:
    faults: list[Fault] = []
    modules: dict[str, ModuleFile] = {}
    written = set()
    for path in sorted((folder / language).glob("*.md")):
        file = f"{language}/{path.name}"
        name = _MODULE_FILE.fullmatch(path.name)
        written.add(name[2] if name else path.stem)
        text, found = read_text(path, file)
        faults += found
        if text is None:
            continue
        module, found = parse_module(text, file)
        faults += found + _missing_media(text, file, folder)
        if module is None:
            continue
        written.add(module.id)
        faults += _name_faults(module, name, programme)
        if module.id in modules:
            faults.append(fault("D05.module", file, 2, id=module.id, file=modules[module.id].path))
        else:
            modules[module.id] = module
    for module_id in programme.modules:
        if module_id not in written:
            faults.append(_missing_file(module_id, language, programme))
    order = {module_id: index for index, module_id in enumerate(programme.modules)}
    return tuple(sorted(modules.values(), key=lambda m: (order.get(m.id, len(order)), m.number))), faults


def _missing_file(module_id: str, language: str, programme: ProgrammeFile) -> Fault:
    line, number = programme.line("modules"), programme.modules.index(module_id) + 1
    if language == programme.source_language:
        return fault("P03.missing_file", FILE, line, id=module_id).as_warning(when=programme.is_draft)
    name = f"{language}/{number:02}-{module_id}.md"
    return fault("L01.file", FILE, line, file=name).as_warning(when=programme.is_draft)


def _name_faults(module: ModuleFile, name: re.Match[str] | None, programme: ProgrammeFile) -> list[Fault]:
    """Return faults where file name, number, id and the list in programme.yaml do not agree."""
    file, faults = module.path, []
    own_name = file.rpartition("/")[2]
    if name is None or int(name[1]) != module.number:
        expected = f"{module.number:02}-{module.id}.md"
        faults.append(fault("P01.file_name", file, 1, file=own_name, expected=expected))
    elif name[2] != module.id:
        faults.append(fault("P01.file_id", file, 2, file=own_name, id=module.id))
    if module.id not in programme.modules:
        faults.append(fault("P01.not_listed", file, 2, id=module.id))
    elif programme.modules.index(module.id) + 1 != module.number:
        position = programme.modules.index(module.id) + 1
        faults.append(fault("P01.order", file, 3, id=module.id, number=module.number, position=position))
    return faults


def _missing_media(text: str, file: str, folder: Path) -> list[Fault]:
    return [
        fault("D06.image_gone", file, number, src=src)
        for number, line in enumerate(text.splitlines(), start=1)
        for src in _MEDIA.findall(line)
        if not (folder / src).is_file()
    ]


def _stray_files(folder: Path, programme: ProgrammeFile) -> list[Fault]:
    """Return faults for data files, which may carry an instrument's wording, and for folders of no known language."""
    faults = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in (FILE, CRISIS_FILE) and path.suffix.lower() in _DATA_FILES:
            faults.append(fault("I02.file", name, 1))
    for path in sorted(folder.iterdir()):
        known = {"media", *programme.languages}
        if path.is_dir() and not path.name.startswith(".") and path.name not in known:
            faults.append(fault("L01.folder", path.name, 1, lang=path.name).as_warning())
    return faults
