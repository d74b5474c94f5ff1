"""A browser for the tests: Debian's Chromium, driven by Playwright; skipped where there is none."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("KHAMSIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A running Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def violations() -> Callable[[Any], list[tuple[str, str, str]]]:
    """What axe-core finds on a page with everything unfolded: rule, element, what is wrong."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

    def look(page: Any) -> list[tuple[str, str, str]]:
        page.evaluate("() => document.querySelectorAll('details').forEach((d) => d.open = true)")
        page.evaluate(axe)
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            (v["id"], node["html"][:120], node["failureSummary"][:300])
            for v in found["violations"]
            for node in v["nodes"][:3]
        ]

    return look
