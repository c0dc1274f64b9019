"""Start one of the platform's programs with failpoints: `python -m tests.chaos.boot [patch] -- program arguments`.

The program is what the supervisor starts, word for word; what is wrapped or patched away is so in this process and its
children alone. Refuses to start outside the throw-away database.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from tests.chaos.place import demand_throwaway


def main(argv: list[str]) -> None:
    """Set Django up, wrap and patch, then become the program (`-m module …` or a script)."""
    demand_throwaway()
    border = argv.index("--")
    patches, program = argv[:border], argv[border + 1 :]
    import django

    django.setup()
    from tests.chaos import failpoints
    from tests.chaos.twins import PATCHES

    failpoints.install(Path(os.environ["IKBT_DATA"]))
    for name in patches:
        PATCHES[name]()
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
