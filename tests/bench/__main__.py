"""Measure what people wait for: `python -m tests.bench [--json] [--rounds N] [--page NAME] [--texts]`, or `--help`.

Ends with 1 when a page asks more questions for more rows, or more than twelve;
a missed time is said, and fails nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import ExitStack

from tests.throwaway import whole_platform


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument(
        "--page", metavar="NAME", action="append", help="only time the named page; may stand repeatedly"
    )
    parser.add_argument("--questions", metavar="NAME", help="only print what the named page asks the database")
    parser.add_argument("--sweeps", action="store_true", help="only the auditor and the sweeps, at a million answers")
    parser.add_argument("--texts", action="store_true", help="only the command that screens 10,000 texts")
    return parser.parse_args()


def prepare(rest: ExitStack) -> None:
    """Set Django up on engines that keep their promises to the disk, with the two floors."""
    whole_platform(rest, log_level="ERROR", fsync=True)
    from django.test.utils import override_settings

    rest.enter_context(override_settings(ROOT_URLCONF="tests.bench.urls"))


def main() -> int:
    given, began = options(), time.monotonic()
    with ExitStack() as rest:
        prepare(rest)
        from tests.bench import report, run, texts

        if given.questions:
            print(run.questions_of(given.questions))
            return 0
        if given.page:
            print(report.times_as_text(run.only_pages(given.page, given.rounds)))
            return 0
        if given.texts:
            screened = texts.screened()
            print("\n".join([report.texts_as_text(screened), *report.slow_texts(screened)]))
            return 0
        if given.sweeps:
            large = run.only_sweeps()
            print("\n".join([*report.sweeps_as_text(large), *report.slow_sweeps(large), *report.wrong_plans(large)]))
            return 1 if report.wrong_plans(large) else 0
        figures = run.everything(given.rounds, began)
        print(json.dumps(report.as_data(figures), indent=2) if given.json else report.as_text(figures))
        return 1 if report.failures(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
