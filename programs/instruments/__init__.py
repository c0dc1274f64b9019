"""Questionnaires as declarative files: wording, scoring, bands, and whether the wording is still the one we may ship.

Pure: reads YAML files from a folder, imports neither Django nor models. Answers are a mapping from item id ("1", "2",
…, "function" for the function item) to the marked value; an item that was left out is missing, never 0. What is
written beside an item stands under `words_key(item)`.
"""

from __future__ import annotations

from programs.instruments.change import is_reliably_better, is_reliably_worse
from programs.instruments.loading import REGISTRY, Listed, load_instruments, load_registry
from programs.instruments.model import (
    FUNCTION,
    AnswerFault,
    Answers,
    Band,
    Choice,
    FunctionItem,
    Instrument,
    Item,
    ReliableChange,
    Score,
    Scoring,
    Subscale,
    Words,
    text,
    words_key,
)
from programs.instruments.scoring import free_words, score, validate
from programs.instruments.upload import ReadWording, WordingFault, content_hash, read_wording, with_wording
from programs.instruments.wording import word_runs, wording_hash, wording_parts

__all__ = [
    "FUNCTION",
    "REGISTRY",
    "AnswerFault",
    "Answers",
    "Band",
    "Choice",
    "FunctionItem",
    "Instrument",
    "Item",
    "Listed",
    "ReadWording",
    "ReliableChange",
    "Score",
    "Scoring",
    "Subscale",
    "WordingFault",
    "Words",
    "content_hash",
    "free_words",
    "is_reliably_better",
    "is_reliably_worse",
    "load_instruments",
    "load_registry",
    "read_wording",
    "score",
    "text",
    "validate",
    "with_wording",
    "word_runs",
    "wording_hash",
    "wording_parts",
    "words_key",
]
