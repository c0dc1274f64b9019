"""The README's pictures, taken from the seeded demo: `make screenshots`. --check says which are out of date."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
MADE_FROM = FOLDER / "made_from.json"  # what each picture showed when it was taken
SHARED = ["templates/base.html", "templates/ui/*.html", "templates/ikbt/**/*.html", "static/css/*.css"]


@dataclass(frozen=True)
class Picture:
    """One page as one person sees it, and the templates that draw it."""

    name: str
    who: str
    width: int
    path: str
    templates: tuple[str, ...]
    scheme: str = "light"
    link: str = ""  # a link to follow from the path, as a selector

    def fingerprint(self) -> str:
        files = sorted({path for glob in (*SHARED, *self.templates) for path in ROOT.glob(glob)})
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


FLAG, PATIENT = "main a[href*='/flags/']", "main a[href*='/patients/']"
PICTURES = [
    Picture("patient-home-360", "anna", 360, "/my/", ("templates/patient/*.html",)),
    Picture("measure-360", "anna", 360, "/my/measures/phq9/", ("templates/programs/measure.html",)),
    Picture("help-360", "anna", 360, "/help/", ("templates/help/*.html",), scheme="dark"),
    Picture("worklist-1366", "cecilia", 1366, "/worklist/", ("templates/worklist/*.html",)),
    Picture("flag-1366", "cecilia", 1366, "/worklist/", ("templates/riskmonitor/flag*.html",), link=FLAG),
    Picture("patient-1366", "hassan", 1366, "/worklist/", ("templates/patient_view/*.html",), link=PATIENT),
    Picture("dashboard-1366", "lena", 1366, "/clinic/", ("templates/followup/dashboard.html",)),
]


def take_all(say: Callable[[str], object]) -> None:
    """Start the demo platform, take every picture, and remember what they were made from."""
    from tests.system.browser import chromium, person
    from tests.system.platform import demo_platform

    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_platform() as platform, chromium() as browser:
        for picture in PICTURES:
            with person(browser, platform.url, picture.width, picture.scheme) as someone:  # type: ignore[arg-type]
                someone.sign_in(picture.who)
                someone.goto(picture.path)
                if picture.link == FLAG:  # the flag's page is one step behind the patient's
                    someone.goto(str(someone.page.locator(PATIENT).first.get_attribute("href")))
                if picture.link:
                    someone.goto(str(someone.page.locator(picture.link).first.get_attribute("href")))
                someone.page.screenshot(path=FOLDER / f"{picture.name}.png")
            say(f"{picture.name}.png")
    made_from = {picture.name: picture.fingerprint() for picture in PICTURES}
    MADE_FROM.write_text(json.dumps(made_from, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def older() -> list[str]:
    """Return the pictures whose templates or styles have changed since they were taken, and those that are missing."""
    made_from = json.loads(MADE_FROM.read_text(encoding="utf-8")) if MADE_FROM.exists() else {}
    return [
        picture.name
        for picture in PICTURES
        if made_from.get(picture.name) != picture.fingerprint() or not (FOLDER / f"{picture.name}.png").exists()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say which pictures are older than what they show")
    if not parser.parse_args().check:
        from tests.throwaway import prepare

        prepare()
        take_all(print)
        return 0
    found = older()
    print(
        f"Older than the pages they show, run make screenshots: {', '.join(found)}" if found else "Pictures are fresh."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
