"""The web app in a real browser: a run started, watched, stopped, resumed and read."""

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the extra khamsin[web] is not installed")

WIDE = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
MINUTE = 60_000


class Server:
    """`khamsin serve` as a process of its own, which can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        serve = "from pathlib import Path; from khamsin.view.web import serve; import sys; "
        serve += "serve(Path(sys.argv[1]), port=int(sys.argv[2]))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", serve, str(self.folder), str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found
        self.port = int(found[1])

    def end(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a folder with one small model."""
    folder = tmp_path_factory.mktemp("served")
    subprocess.run(
        [sys.executable, "-m", "khamsin", "new", "towns"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    model = folder / "towns" / "model.yaml"
    text = model.read_text("utf-8")
    assert "end: 2024-12-31" in text
    model.write_text(text.replace("end: 2024-12-31", "end: 2033-12-31"), "utf-8")  # time to stop it
    found = Server(folder)
    yield found
    found.end()


def opened(browser: Any, address: str, **options: Any) -> Any:
    """A page; what it complains of is kept."""
    page = browser.new_page(**options)
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text))
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    page.goto(address)
    return page


def until(page: Any, condition: str, seconds: float = 120) -> None:
    """Wait for a condition; the content policy forbids the page to evaluate text by itself."""
    end = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(condition):
                return
        except Exception as error:  # the page was just loaded anew
            if "navigation" not in str(error):
                raise
        assert time.monotonic() < end, condition
        page.wait_for_timeout(100)


@pytest.fixture(scope="module")
def finished(browser: Any, server: Server) -> str:
    """Start a run of 1,000 members, watch, stop, restart the server, resume, and wait."""
    page = opened(browser, server.address, viewport=WIDE)
    page.get_by_role("link", name="Two groups and three towns", exact=True).click(timeout=MINUTE)
    page.get_by_role("link", name="Run this model").click(timeout=MINUTE)
    for box in page.locator('input[name="scenario"]').all():
        box.check()
    page.get_by_label("Cores").select_option(label="1")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/run/towns-[0-9a-f]{8}$"))
    address = page.url
    other = opened(browser, address, viewport=PHONE)  # a second tab
    until(page, "+document.querySelector('progress')?.value > 0")
    other.get_by_role("button", name="Stop").click()
    page.locator(".word.stopped").wait_for(timeout=2 * MINUTE)
    before = page.locator("#live .facts dd").first.inner_text()
    other.close()
    server.end()
    server.start()
    page.goto(address)
    assert page.locator("#live .facts dd").first.inner_text() == before
    page.get_by_role("button", name="Resume").click()
    page.locator(".word.finished").wait_for(timeout=4 * MINUTE)
    assert "2,000 of 2,000" in page.locator("#live").inner_text()
    assert "standard error" in page.locator("#live").inner_text()
    assert page.complaints == []
    page.close()
    return address


def test_the_result_is_the_report(browser: Any, server: Server, finished: str) -> None:
    page = opened(browser, finished, viewport=WIDE)
    page.get_by_role("link", name="Read the result").click()
    page.locator("#quantities").wait_for(state="attached", timeout=2 * MINUTE)
    page.locator("#month").wait_for(timeout=MINUTE)  # its script runs, in its sandbox
    page.locator('input[name="scenario"][value="1"]').check(force=True)
    page.get_by_role("navigation", name="khamsin").get_by_role("link", name="This run").click()
    page.locator(".word.finished").wait_for()
    assert page.complaints == []
    page.close()


def test_a_report_cannot_speak_to_the_server(browser: Any, server: Server, finished: str) -> None:
    page = opened(browser, finished.replace("/run/", "/result/"))
    page.locator("#quantities").wait_for(state="attached", timeout=2 * MINUTE)
    answer = page.evaluate("fetch('/run').then(() => 'read', () => 'refused')")
    assert answer == "refused"
    assert page.evaluate("origin") == "null"
    page.close()


def test_two_scenarios_are_compared(browser: Any, server: Server, finished: str) -> None:
    page = opened(browser, server.address + "/compare", viewport=WIDE)
    page.get_by_role("button", name="Compare").click()
    page.locator("table.effects").wait_for(timeout=2 * MINUTE)
    assert page.locator("table.effects svg").count() > 0
    assert page.complaints == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    browser: Any, server: Server, finished: str, violations: Any, scheme: str
) -> None:
    found = []
    for path in (
        "/",
        "/models/folder/towns",
        "/run",
        "/run?model=folder:towns",
        finished.removeprefix(server.address),
        finished.removeprefix(server.address).replace("/run/", "/result/"),
        "/compare",
        "/nothing-here",
    ):
        context = browser.new_context(viewport=WIDE, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(server.address + path)
        until(page, "!document.querySelector('[data-wait]')")
        found += [(path, *one) for one in violations(page)]
        context.close()
    assert found == []


def test_a_phone_shows_all_without_scrolling_sideways(
    browser: Any, server: Server, finished: str
) -> None:
    for path in ("/", "/models/folder/towns", "/run", "/run?model=folder:towns", "/compare"):
        page = opened(browser, server.address + path, viewport=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        page.close()
    page = opened(browser, finished, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


def test_pages_work_without_javascript(browser: Any, server: Server, finished: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(2 * MINUTE)  # of a machine that does other things as well
    page = context.new_page()
    page.goto(finished, wait_until="domcontentloaded")
    assert "1,000 of 1,000 members" in page.content()
    page.goto(server.address + "/run?model=folder:towns", wait_until="domcontentloaded")
    while not page.get_by_label("Members").count():  # what the model is may be worked out anew
        page.wait_for_timeout(500)
        page.reload(wait_until="domcontentloaded")
    page.get_by_label("Members").fill("1000000000")
    page.get_by_role("button", name="Start the run").click()
    assert "too many" in page.locator("#members-fault").inner_text()
    context.close()


def test_a_page_from_elsewhere_can_start_nothing(server: Server) -> None:
    asked = urllib.request.Request(server.address + "/run", data=b"token=x")
    asked.add_header("Origin", "http://elsewhere.example")
    began = time.monotonic()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(asked)
    assert time.monotonic() - began < 10
