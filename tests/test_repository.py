"""The files around the code: they parse, agree with the package, and name no machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import khamsin

ROOT = Path(__file__).parent.parent


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] == citation["version"] == khamsin.__version__
    assert f"## {khamsin.__version__}" in changes
    assert project["license"] == citation["license"] == "MIT"


def test_the_issue_templates_are_forms() -> None:
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert len(forms) == 4
    for form in forms:
        found = YAML(typ="safe").load(form)
        if form.name != "config.yml":
            assert {"name", "description", "body"} <= set(found)
            assert all({"type", "attributes"} <= set(part) for part in found["body"])


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert not [one for one in links if "://" not in one and not (ROOT / one).exists()]


def test_constraints_are_pinned_by_hash_and_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
    assert len(pins) > 100
    assert len(re.findall(r"^[\w.-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(
        pins
    )
    assert "://" not in text


def test_the_default_branch_is_clean_of_built_things() -> None:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("no git checkout")
    bad = [f for f in done.stdout.split() if re.search(r"\.pyc$|\.nbi$|\.whl$|^site/|^runs/", f)]
    assert not bad
