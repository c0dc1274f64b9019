"""The project's own code as trees, for the rules about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("clinics", "programs", "messaging", "riskmonitor", "followup", "ikbt")


@dataclass(frozen=True)
class Source:
    """One Python file of the product."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def tree(self) -> ast.Module:
        return _tree(self.text)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Return each call with its name as written, such as `timezone.now`, and "" before what is not a name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield _dotted(node.func), node

    def within(self, *roles: str) -> bool:
        """Tell whether the file, or a folder above it, is one of the roles, such as `views` or `actions`."""
        return bool({part.removesuffix(".py") for part in self.path.relative_to(ROOT).parts} & set(roles))


@cache
def product() -> list[Source]:
    """Return the product's Python, without tests and without what `makemigrations` writes."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return [Source(path, path.read_text()) for path in [*paths, ROOT / "manage.py"]]


def places(found: list[tuple[Source, ast.AST, str]]) -> list[str]:
    """Return what was found as lines for people: file, line, what."""
    return [f"{source.name}:{getattr(node, 'lineno', 0)} {what}" for source, node, what in found]


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
