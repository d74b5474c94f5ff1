"""Pictures for the README: a report in a browser, and the web app, as small PNG files.

    python scripts/screenshots.py RUN

RUN is a finished run with several scenarios (`khamsin run libya-2016 --scenario as-it-happened
--scenario none`). Writes map, over-time, comparison and web-model into docs/images. Needs
Playwright and a Chromium (KHAMSIN_CHROMIUM names another than Debian's) and no network.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CHROMIUM = os.environ.get("KHAMSIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
LARGEST = 300_000  # bytes of a picture
# What is shown of the report: file, element, height at most.
PARTS = (
    ("map", "#map .sheet", 1400),
    ("over-time", "#ribbons .ribbons", 640),
    ("comparison", "#comparison", 640),
)


def main(run: Path) -> None:
    """Write every picture."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as there, sync_playwright() as driver:
        page = Path(there) / "report.html"
        _khamsin("report", str(run), "-o", str(page))
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1080, "height": 900})
        tab.goto(page.as_uri())
        tab.wait_for_timeout(500)
        for name, element, height in PARTS:
            if tab.query_selector(element):
                _save(tab, name, tab.locator(element).first.bounding_box(), height)
        _web(tab, Path(there))
        browser.close()


def _save(tab: Any, name: str, box: Any, height: int) -> None:
    """A picture of a part of the page, in all its colours: fewer would mix up the actors."""
    file = IMAGES / f"{name}.png"
    tab.screenshot(path=file, full_page=True, clip=box | {"height": min(box["height"], height)})
    size = file.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{file} has {size:,} bytes: more than {LARGEST:,}")
    print(f"{file}: {size:,} bytes")


def _web(tab: Any, there: Path) -> None:
    """The page of a model, from a server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    arguments = [sys.executable, "-m", "khamsin", "serve", "--port", str(port)]
    server = subprocess.Popen(arguments, cwd=there, stderr=subprocess.DEVNULL)
    try:
        _reach(tab, address)
        tab.get_by_role("link", name="Libya").first.click()
        # a child of the server works the map out; the page loads itself anew until it is there
        tab.locator("svg.km").first.wait_for(timeout=180_000)
        box = {"x": 0, "y": 0, "width": 1080, "height": 900}
        _save(tab, "web-model", box, 900)
    finally:
        server.terminate()
        server.wait()


def _reach(tab: Any, address: str) -> None:
    from playwright.sync_api import Error

    for _ in range(50):
        try:
            tab.goto(address)
            return
        except Error:
            time.sleep(0.2)
    raise SystemExit(f"no server at {address}")


def _khamsin(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "khamsin", *arguments], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
