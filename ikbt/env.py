"""Settings from the environment, read loudly: a missing or malformed value stops the program with one sentence.

A file `.env` in the project's root is read if it is there, and never overrides the real environment. Django-free, so
that the engines and the supervisor can use it before settings are loaded.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMENT = re.compile(r"(^|\s+)#.*")
FLAGS = {"0": False, "false": False, "1": True, "true": True}


class SettingError(SystemExit):
    """A setting that stops the program; its text is one plain sentence for the operator.

    As a SystemExit it ends every kind of process (manage.py, gunicorn, celery) with that sentence and no traceback.
    """


class Env:
    """Variables of one environment, over those of a `.env` file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def text(self, name: str, default: str | None = None) -> str:
        """Return the variable, or the default; an empty variable counts as not set."""
        value = os.environ.get(name) or self._filed().get(name) or default
        if value is None:
            raise SettingError(f"{name} is not set: export it, or write it in {self.file.name} (see .env.example).")
        return value

    def given(self, name: str) -> bool:
        """Return whether the variable, or the file NAME_FILE that holds it, is named and not empty."""
        return bool(self.text(name, "") or self.text(f"{name}_FILE", ""))

    def secret(self, name: str, default: str | None = None) -> str:
        """Return the variable; or the content of the file that NAME_FILE points at, stripped; or the default."""
        file = self.text(f"{name}_FILE", "")
        if self.text(name, "") or not file:
            return self.text(name, default)
        path = Path(file)
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingError(f"{name}_FILE points at {path}, which cannot be read.") from problem
        if not value:
            raise SettingError(f"{name}_FILE points at {path}, which is empty.")
        return value

    def kept_secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
        """Return the secret, or one made at first use and kept in the data folder, readable by its owner alone."""
        if self.given(name):
            return self.secret(name)
        path = self.data_folder() / name.lower()
        try:
            if not path.exists():
                _write_once(path, make())
            return path.read_text(encoding="utf-8")
        except OSError as problem:
            raise SettingError(f"{path} cannot be used: {problem.strerror}. IKBT_DATA names the folder.") from problem

    def flag(self, name: str, default: bool) -> bool:
        """Return True for 1 or true, False for 0 or false, in any case."""
        value = self.text(name, str(default)).lower()
        if value not in FLAGS:
            raise SettingError(f"{name} must be 0, 1, true or false, not {value!r}.")
        return FLAGS[value]

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError as problem:
            raise SettingError(f"{name} must be a whole number, not {value!r}.") from problem

    def listing(self, name: str, default: Sequence[str]) -> list[str]:
        """Return the parts between commas, stripped, without empty ones."""
        value = self.text(name, ",".join(default))
        return [part.strip() for part in value.split(",") if part.strip()]

    def data_folder(self) -> Path:
        """Return where this installation keeps its data: IKBT_DATA, else `.data`, for root a system folder."""
        if self.given("IKBT_DATA"):
            return Path(self.text("IKBT_DATA")).expanduser().absolute()
        return system_folder() if os.geteuid() == 0 else ROOT / ".data"

    def _filed(self) -> dict[str, str]:
        return read_file(self.file)


def system_folder(place: Path = ROOT) -> Path:
    """Return root's own folder for a checkout (or for another place that `nobody` cannot reach)."""
    return Path("/var/lib/ikbt") / hashlib.sha256(str(place).encode()).hexdigest()[:12]


def make_folder(folder: Path) -> None:
    """Make a missing folder and its missing parents, ours alone; root's let others pass through but not list.

    The engines of root run as `nobody`. A folder that exists already keeps its permissions: it may be the user's.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        return
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _write_once(path: Path, text: str) -> None:
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, path)  # whole or not at all, and the first of two at once wins
    except FileExistsError:
        return
    finally:
        draft.unlink()


@cache
def read_file(path: Path) -> dict[str, str]:
    """Read NAME=value lines. Skipped: blank lines, and what follows a # after a space; quotes round a value fall."""
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingError(f"{path.name} line {number} is not of the form NAME=value.")
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        found[name.strip()] = value[1:-1] if quoted else COMMENT.sub("", value)
    return found


env = Env(Path(os.environ.get("IKBT_ENV_FILE", ROOT / ".env")))
