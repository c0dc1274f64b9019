"""The Swedish word list for suicide risk in free text: its words, how they are read, and what it finds (pure)."""

from riskmonitor.lexicon.findings import Lexicon, TextFinding, default_lexicon, lexicon_hash, screen
from riskmonitor.lexicon.phrases import Nuance, TextKind
from riskmonitor.lexicon.word_list import BadLexicon

__all__ = ["BadLexicon", "Lexicon", "Nuance", "TextFinding", "TextKind", "default_lexicon", "lexicon_hash", "screen"]
