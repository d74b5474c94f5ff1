"""The report of libya-2016, 1,000 members and 3 scenarios: seconds, size, memory, and in a browser.

Twice: over the 20 months to the end of 2017, and (names that end in `_whole`) over all 32 months of
the model.  The runs take minutes; KHAMSIN_REPORT_RUNS names a folder in which they are kept: `20`
and `whole`.
"""

import os
import shutil
import statistics
import sys
from pathlib import Path

from benchmarks.measuring import KHAMSIN, Figures, child, say, scratch

FIGURES = ("report_s", "report_mb", "report_gib", "page_ready_ms", "slider_ms")
NAMES = FIGURES + tuple(f"{name}_whole" for name in FIGURES)
SCENARIOS = ("as-it-happened", "no-airpower", "none")
ROUNDS, LOADS = 3, 9
# `khamsin run` has no option for the last day: a shorter model is run by the same function
SHORTER = """
import sys
from dataclasses import replace
from datetime import date
import khamsin
whole = khamsin.read("libya-2016")
shorter = replace(whole, time=replace(whole.time, end=date(2017, 12, 31)))
khamsin.run(shorter, scenarios=sys.argv[2:], members=1000, folder=sys.argv[1])
"""
CHROMIUM = os.environ.get("KHAMSIN_CHROMIUM") or shutil.which("chromium")
# a page can be used when its script has run, and is seen when it is first drawn: the later one
READY = """async () => {
  const drawn = () => performance.getEntriesByName('first-contentful-paint')[0];
  while (!drawn()) await new Promise((soon) => setTimeout(soon, 5));
  const ready = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
  return Math.max(ready, drawn().startTime);
}"""
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
    """Make both runs, write their reports a few times, open them in Chromium."""
    figures: Figures = {}
    with scratch() as home:
        kept = Path(os.environ.get("KHAMSIN_REPORT_RUNS") or home)
        for ending, name in (("", "20"), ("_whole", "whole")):
            run = kept / name
            if not run.exists():
                child(making(run, whole=name == "whole"))
            say(f"{name} months")
            found = of_report(run, home / "report.html")
            figures |= {f"{figure}{ending}": value for figure, value in found.items()}
    return figures


def making(run: Path, whole: bool) -> list[str]:
    """Return the command that makes the run."""
    if not whole:
        return [sys.executable, "-c", SHORTER, str(run), *SCENARIOS]
    wanted = [word for name in SCENARIOS for word in ("--scenario", name)]
    return [
        *KHAMSIN, "run", "libya-2016", "--members", "1000", *wanted, "--no-report", "-o", str(run),
    ]  # fmt: skip


def of_report(run: Path, page: Path) -> Figures:
    """Write the report of a run, and open it."""
    command = [*KHAMSIN, "report", str(run), "-o", str(page)]
    rounds = [child(command) for _ in range(ROUNDS + 1)][1:]
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
