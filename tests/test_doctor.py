"""`khamsin doctor`, and what the command line says of itself: version, help, completion."""

import inspect
import json
import shlex
from collections import namedtuple
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import khamsin
from khamsin import doctor
from khamsin.cli import app

VERBS = typer.main.get_command(app)


def _commands() -> dict[str, object]:
    found: dict[str, object] = {}
    for name, verb in VERBS.commands.items():  # type: ignore[attr-defined]
        for sub, one in getattr(verb, "commands", {"": verb}).items():
            found[f"{name} {sub}".strip()] = one
    return found


def test_this_machine_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path / "cache"))
    found = {f.name: f for f in doctor.examine(tmp_path)}
    assert {f.state for f in found.values()} <= {"ok", "without"}
    assert "libya-2016" in found["models"].found
    assert found["extra explore"].state == "ok"


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path / "file"))
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    (cache,) = [f for f in json.loads(done.stdout) if f["name"] == "cache"]
    assert cache["state"] == "missing"
    assert "KHAMSIN_CACHE" in cache["hint"]


def test_what_can_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "OLDEST", (99, 0))
    monkeypatch.setattr(doctor, "EXTRAS", {"web": ("khamsin serve", ("no_such_module",))})
    monkeypatch.setattr(doctor, "_there", lambda name: name != "numba")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage(1, 1, 0))
    found = {f.name: f for f in doctor.examine(tmp_path)}
    assert [found[n].state for n in ("python", "packages", "disk")] == ["missing"] * 3
    assert found["packages"].hint == "pip install numba"
    assert found["extra web"].state == "without"
    assert found["extra web"].hint == "pip install 'khamsin[web]'"


def test_version() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.stdout == f"khamsin {khamsin.__version__}\n"


@pytest.mark.parametrize("name", _commands())
def test_each_verb_has_examples_that_parse(name: str) -> None:
    command = _commands()[name]
    text = inspect.cleandoc(command.help or "")  # type: ignore[attr-defined]
    _, said, examples = text.partition("\b\nExamples:\n")
    assert said, f"khamsin {name} --help has no example"
    lines = examples.replace("\\\n", " ").splitlines()
    assert lines and all(line.strip() for line in lines)
    for line in lines:
        words = shlex.split(line.partition(" > ")[0])
        assert words[: 1 + len(name.split())] == ["khamsin", *name.split()]
        context = command.make_context(name, words[1 + len(name.split()) :])  # type: ignore[attr-defined]
        assert context.args == []


def test_no_line_on_a_verb_is_cut_in_the_list() -> None:
    said = CliRunner().invoke(app, ["--help"], terminal_width=80).stdout
    assert "  run  " in said
    assert "..." not in said.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ru", ["run"]),
        ("run lan", ["lanchester"]),
        ("run ./m", ["./mine"]),
        ("run three-towns --scenario ", ["as-it-is", "ceasefire"]),
        ("check ./mine --scenario t", ["talks"]),
        ("run nowhere --scenario ", []),
    ],
)
def test_what_a_shell_completes(
    line: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "scenarios").mkdir(parents=True)
    (tmp_path / "mine" / "model.yaml").touch()
    (tmp_path / "mine" / "scenarios" / "talks.yaml").touch()
    words = f"khamsin {line}"
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    env = {"_KHAMSIN_COMPLETE": "complete_bash", **asked}
    done = CliRunner().invoke(app, [], prog_name="khamsin", env=env)
    assert done.stdout.split() == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(app, ["--show-completion", shell], prog_name="khamsin")
    if done.exit_code != 0:  # which shells may be named depends on the shell that is running
        monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
        done = CliRunner().invoke(app, ["--show-completion", shell], prog_name="khamsin")
    assert "khamsin" in done.stdout
    assert "_KHAMSIN_COMPLETE" in done.stdout
