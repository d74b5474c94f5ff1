"""The report of libya-2016, 1,000 members and 3 scenarios: seconds, size, memory, and in a browser.

The run takes minutes; KHAMSIN_REPORT_RUN names the folder of one that is there already.
"""

import os
import shutil
import statistics
from pathlib import Path

from benchmarks.measuring import KHAMSIN, Figures, child, say, scratch

NAMES = ("report_s", "report_mb", "report_gib", "page_ready_ms", "slider_ms")
SCENARIOS = ("as-it-happened", "no-airpower", "none")
ROUNDS, LOADS = 3, 9
CHROMIUM = os.environ.get("KHAMSIN_CHROMIUM") or shutil.which("chromium")
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
STEPS = """() => {
  const slider = document.querySelector('#month'), times = [];
  for (let t = 0; t <= +slider.max; t++) {
    const began = performance.now();
    slider.value = t;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    document.querySelector('svg.km').getBoundingClientRect();
    times.push(performance.now() - began);
  }
  return times;
}"""


def measure() -> Figures:
    """Make the run, write its report a few times, open it in Chromium."""
    with scratch() as home:
        run = Path(os.environ.get("KHAMSIN_REPORT_RUN") or home / "run")
        if not run.exists():
            wanted = [word for name in SCENARIOS for word in ("--scenario", name)]
            command = ["run", "libya-2016", "--members", "1000", *wanted, "--no-report"]
            child([*KHAMSIN, *command, "-o", str(run)])
        page = home / "report.html"
        rounds = [
            child([*KHAMSIN, "report", str(run), "-o", str(page)]) for _ in range(ROUNDS + 1)
        ][1:]
        for one in rounds:
            say(f"report: {one.seconds:.1f} s, {one.cpu_s:.1f} s of processor time")
        figures = {
            "report_s": statistics.median(one.seconds for one in rounds),
            "report_mb": page.stat().st_size / 1e6,
            "report_gib": max(one.peak_gib for one in rounds),
        }
        return {**figures, **in_browser(page)}


def in_browser(page: Path) -> Figures:
    """Milliseconds until the page can be used, and until a month is drawn and laid out."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        say("page_ready_ms, slider_ms: skipped, Playwright is not installed")
        return {}
    if not CHROMIUM or not Path(CHROMIUM).exists():
        say("page_ready_ms, slider_ms: skipped, there is no Chromium")
        return {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page(viewport={"width": 1360, "height": 900})
        ready = []
        for _ in range(LOADS):
            opened.goto(page.as_uri())
            ready.append(float(opened.evaluate(READY)))
        steps = [float(step) for step in opened.evaluate(STEPS)]
        browser.close()
    say(f"ready: {', '.join(f'{t:.0f}' for t in ready)} ms")
    say(f"a month: {min(steps):.1f} to {max(steps):.1f} ms")
    return {"page_ready_ms": statistics.median(ready), "slider_ms": statistics.median(steps)}
