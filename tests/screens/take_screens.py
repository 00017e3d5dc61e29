"""Take a picture of every page, at both widths, into docs/screens: ``make screens``. Then look at them.

The pages show jobs in memory (``scenes``), whose times do not change, so a picture changes only with its page.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from api_world import PASSWORD
from playwright.sync_api import Browser
from real_browser import WIDTHS, Scheme, chromium
from scenes import Scene, scene
from werkzeug.serving import make_server

from gems_api.app import create_app

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
CREDENTIAL = "user-secret"
NEW = "/jobs/new?bucket=direct.typing"


def pages(shown: Scene) -> dict[str, str]:
    """The address of each page by the name of its picture."""
    jobs = {f"job-{name}": f"/jobs/{quote(str(key), safe=':')}" for name, key in shown.jobs.items()}
    return {
        "sign-in": "/sign-in",
        "jobs": "/jobs",
        **jobs,
        "run": f"{jobs['job-complete']}/run",
        "run-plate": f"{jobs['job-complete']}/run?view=plate",
        "run-quality": f"{jobs['job-complete']}/run?view=quality",
        "sample": f"{jobs['job-complete']}/samples/M10403",
        "worklist": "/worklist",
        "compare": f"{jobs['job-complete']}/compare",
        "match": f"{jobs['job-complete']}/match?donor=M10401&recipient=M10402",
        "new-job-folders": NEW,
        "new-job": f"{NEW}&prefix=2026-11-24-PT152&chosen=yes",
        "new-job-ready": f"{NEW}&prefix=2026-11-24-PT152&chosen=yes",
        "new-job-problems": f"{NEW}&prefix=2026-11-24-PT153-new&chosen=yes",
        "error": "/jobs/direct.typing-PT100-class-2-241123-12:00:0123456789",
    }


# Pages whose form is sent before the picture is taken.
LOOKED_AT = ("new-job-ready", "new-job-problems")
# What somebody with a name sees.
BY_A_PERSON = ("sample", "worklist")
IN_THE_DARK = ("jobs", "job-running")


def main() -> None:
    """Take all pictures, or those whose names are given."""
    shown, wanted = scene(), sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _served(shown) as base, chromium() as browser:
        for name, path in pages(shown).items():
            if wanted and name not in wanted:
                continue
            schemes: tuple[Scheme, ...] = ("light", "dark") if name in IN_THE_DARK else ("light",)
            for scheme in schemes:
                for width in WIDTHS:
                    _take(browser, Picture(name, base, path, width, scheme), shown)


@dataclass(frozen=True)
class Picture:
    """Of which page, how wide and in which colours."""

    name: str
    base: str
    path: str
    width: int
    scheme: Scheme

    @property
    def target(self) -> Path:
        return FOLDER / f"{self.name}-{self.width}{'-dark' if self.scheme == 'dark' else ''}.png"


def _take(browser: Browser, picture: Picture, shown: Scene) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": 600},
        color_scheme=picture.scheme,
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.clock.set_fixed_time(shown.world.clock())
    if picture.name != "sign-in":
        page.goto(f"{picture.base}/sign-in")
        if picture.name in BY_A_PERSON:
            page.get_by_label("Name").fill("rita")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        else:
            page.get_by_label("Credential").fill(CREDENTIAL)
            page.get_by_role("main").get_by_role("button", name="Sign in with the credential").click()
    page.goto(picture.base + picture.path)
    if picture.name in LOOKED_AT:
        page.get_by_role("button", name="Look at the reads").click()
        page.get_by_role("heading", name="Samples").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture.target, full_page=True, animations="disabled", caret="hide")
    context.close()
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "64", str(picture.target)], check=True)
    sys.stdout.write(f"{picture.target.name}: {picture.target.stat().st_size / 1000:.0f} kB\n")


@contextmanager
def _served(shown: Scene) -> Iterator[str]:
    app = create_app(shown.world.settings, shown.world.cloud, shown.world.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
