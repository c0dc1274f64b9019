"""The file format of the treatment programmes: read a folder, check it, measure it. Pure: no Django, no database.

programme, faults = read_programme(folder)         # form: files, YAML, directives
faults += check(programme, registry, words, tools)  # content: parts, limits, references, words, instruments
"""

from .check import check
from .faults import Fault
from .parse import programme_hash, read_programme
from .structure import ModuleFile, PageFile, ProgrammeFile
from .words import load_words

__all__ = [
    "Fault",
    "ModuleFile",
    "PageFile",
    "ProgrammeFile",
    "check",
    "load_words",
    "programme_hash",
    "read_programme",
]
