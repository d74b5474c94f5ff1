"""The site: every process is explained and drawn, it builds without a warning, and asks nobody."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from scripts import reference

from khamsin.processes import find, names

DOCS = Path(__file__).parent.parent / "docs"
CONTENTS = tomllib.loads((DOCS / "science" / "processes.toml").read_text(encoding="utf-8"))
OWN = {name: what for page in CONTENTS.values() for name, what in page.items()}


def test_every_process_stands_on_one_page() -> None:
    listed = [name for page in CONTENTS.values() for name in page]
    assert sorted(listed) == names()
    for page, own in CONTENTS.items():
        text = (DOCS / "science" / f"{page}.md").read_text(encoding="utf-8")
        missing = [name for name in own if not re.search(rf"\b{name}\b", text)]
        assert not missing, f"docs/science/{page}.md says nothing of {missing}"


def test_every_process_has_its_picture() -> None:
    pictures = {p.stem for p in (DOCS / "images" / "processes").glob("*.svg")}
    assert pictures == {name for name, what in OWN.items() if what}
    known = {a.name for n in names() for a in find(n).variables} | {"joined_sahel"}
    assert {what.split()[0] for what in OWN.values() if what} <= known


def test_every_process_says_what_it_leaves_out() -> None:
    about = {n: sys.modules[find(n).function.__module__].__doc__ or "" for n in names()}
    silent = [n for n, text in about.items() if not re.search(r"Left\s+out", text)]
    assert not silent, f"the docstrings of these say nothing of what is left out: {silent}"


def test_the_reference_has_every_process_verb_and_variable(tmp_path: Path) -> None:
    reference.write(tmp_path)
    processes = (tmp_path / "processes.md").read_text(encoding="utf-8")
    assert all(f"### `{n}`" in processes for n in names())
    verbs = (tmp_path / "command-line.md").read_text(encoding="utf-8")
    assert all(f"## khamsin {v}" in verbs for v in ("run", "check", "new", "import flee"))
    assert verbs.count("Examples:") >= 20
    assert "`fighters`" in (tmp_path / "vocabulary.md").read_text(encoding="utf-8")


@pytest.mark.xdist_group("site")
def test_the_site_builds_and_asks_nobody(tmp_path: Path) -> None:
    built = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html",
         "-d", str(tmp_path / "trees"), str(DOCS), str(built)],
        cwd=DOCS.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = list(built.rglob("*.html"))
    assert len(pages) > 30
    for page in [*pages, *built.rglob("*.css")]:
        text = page.read_text(encoding="utf-8")
        asked = re.findall(r"""(?:src|srcset)=["']?(?:https?:)?//[^"'> ]+""", text)
        asked += re.findall(r"""<link[^>]+href=["'](?:https?:)?//[^"'>]+""", text)
        asked += re.findall(r"""(?:@import|url\()\s*["']?(?:https?:)?//[^"') ]+""", text)
        assert not asked, f"{page.name} asks the network: {asked}"
