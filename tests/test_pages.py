"""Every block of README, tutorial and how-to is typed in order, and says what the page says."""

import shutil
from pathlib import Path

import pytest
from tests.typed import Typist, blocks, matches

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
#: page -> how many things on it must have been typed, so that a page that checks nothing fails
PAGES = {
    "README.md": 4,
    "docs/start.md": 2,
    "docs/tutorial/index.md": 28,
    "docs/how-to/acled.md": 2,
    "docs/how-to/calibrate.md": 1,
    "docs/how-to/claims.md": 3,
    "docs/how-to/ema.md": 2,
    "docs/how-to/notebook.md": 3,
    "docs/how-to/own-data.md": 7,
    "docs/how-to/scenario.md": 6,
    "docs/how-to/ucdp.md": 3,
    "docs/how-to/write-a-process.md": 3,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_is_said(name: str, tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    for said in typist.type_page(ROOT / name):
        assert said.same, (
            f"{name}:{said.first}: the page is not what was said (python -m tests.typed {name}):\n"
            + "\n".join(said.found)
        )
    assert typist.typed == PAGES[name]
    if name == "docs/tutorial/index.md":
        _is_the_shipped_model(tmp_path / "three-towns")


def _is_the_shipped_model(typed: Path) -> None:
    shipped = ROOT / "models" / "three-towns"
    names = sorted(str(f.relative_to(shipped)) for f in shipped.rglob("*") if f.is_file())
    names = [n for n in names if "__pycache__" not in n and n != "README.md"]
    there = sorted(str(f.relative_to(typed)) for f in typed.rglob("*") if f.is_file())
    assert names == [n for n in there if "__pycache__" not in n]
    for n in names:
        assert (shipped / n).read_bytes() == (typed / n).read_bytes(), n


def test_every_page_for_users_is_typed() -> None:
    pages = [ROOT / "README.md", DOCS / "start.md"]
    pages += [*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")]
    with_blocks = {
        str(p.relative_to(ROOT))
        for p in pages
        if any(b.is_typed for b in blocks(p.read_text(encoding="utf-8")))
    }
    assert with_blocks == set(PAGES)


def test_commands_that_are_only_shown_parse() -> None:
    import shlex

    import typer

    from khamsin.cli import app

    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    seen = 0
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        if DOCS / "reference" in page.parents:
            continue
        for block in blocks(page.read_text(encoding="utf-8")):
            for line in block.text if "shown" in block.words else ():
                words = shlex.split(line.removeprefix("$ "), comments=True)
                if not line.startswith("$ khamsin "):
                    continue
                verb, rest = verbs[words[1]], words[2:]
                while hasattr(verb, "commands"):
                    verb, rest = verb.commands[rest[0]], rest[1:]
                assert verb.make_context(words[1], rest).args == [], f"{page.name}: {line}"
                seen += 1
    assert seen >= 12


def test_what_a_typist_refuses(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for text, complaint in (
        ("```yaml\na: 1\n```\n", "not typed"),
        ("```console\nkhamsin list\n```\n", "begins with"),
        ("```console\n$ khamsin run nowhere\n```\n", "there is no model"),
        ("```text output\n1\n```\n", "output of nothing"),
    ):
        page.write_text(text, encoding="utf-8")
        with pytest.raises(AssertionError, match=complaint):
            list(Typist(tmp_path).type_page(page))


def test_what_was_said_is_compared(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1 + 1)\n```\n\n```text output\n3\n```\n", encoding="utf-8")
    (said,) = Typist(tmp_path).type_page(page)
    assert not said.same
    assert said.found == ["2"]
    assert matches(["a ... c", "..."], ["a b c", "x", "y"])
    assert not matches(["a ... c"], ["a b c", "x"])


if not shutil.which("bash"):
    pytest.skip("commands on pages are given to bash", allow_module_level=True)


def test_the_readme_names_verbs_that_exist() -> None:
    import re

    import typer

    from khamsin.cli import app

    verbs = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    named = re.findall(r"`khamsin ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    assert set(named) - {"install"} <= verbs
