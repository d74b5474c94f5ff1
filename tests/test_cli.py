"""The command line: exit codes, pure JSON, the last line is the path, and never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_plan import OWN, START, USE, VARIABLE, only

import khamsin
from khamsin.cli import main
from khamsin.verbs.run import Run


@dataclass
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.delenv("KHAMSIN_DEBUG", raising=False)

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        code: object = 0
        try:
            main([str(a) for a in arguments])
        except SystemExit as left:
            code = left.code or 0
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Said(code if isinstance(code, int) else int(bool(code)), out, err)

    return call


def _line(said: Said, code: int) -> str:
    """The one line that a failure says."""
    assert said.code == code, said
    assert not said.out.strip()
    lines = said.err.splitlines()
    assert len(lines) == 1, said.err
    return lines[0]


def test_a_long_run_has_its_report_drawn_by_a_child_that_got_ready_meanwhile(
    say: Say, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from khamsin.cli.printed_run import _Artist
    from khamsin.view import studio

    asked: list[str] = []
    usual = studio._asked
    monkeypatch.setattr(
        studio, "_asked", lambda c, w, g: asked.append(w.__name__) or usual(c, w, g)
    )
    asking = ["run", small_folder, "--members", 8, "--block", 1, "--threads", 1, "-o"]
    assert say(*asking, tmp_path / "short").code == 0
    assert not asked
    monkeypatch.setattr(_Artist, "SOON", 0.0)
    assert say(*asking, tmp_path / "long").code == 0
    assert "draw_panels" in asked
    short, long = (tmp_path / name / "report.html" for name in ("short", "long"))
    assert short.read_bytes() == long.read_bytes()


def test_run_ends_with_the_path(say: Say, small_folder: Path, tmp_path: Path) -> None:
    said = say("run", small_folder, "--members", 8, "--report", "-o", tmp_path / "out")
    assert said.code == 0
    assert "<html" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")[:300]
    lines = said.out.rstrip().splitlines()
    assert lines[-1] == str(tmp_path / "out" / "report.html")
    assert any(line.startswith("seconds: ") for line in lines)
    assert any(line.startswith("members: 8") for line in lines)
    assert "fighters of GOV at the end" in said.out
    assert "Two groups and three towns: " in said.out
    assert "Who holds it at the end" in said.out
    again = say("run", small_folder, "--members", 8, "--no-report", "-o", tmp_path / "out")
    assert again.code == 0
    assert again.out.rstrip().splitlines()[-1] == str(tmp_path / "out")


def test_a_long_path_is_not_wrapped(say: Say, small_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 120) / "and a space"
    said = say("run", small_folder, "--members", 2, "--no-report", "-o", folder)
    assert said.code == 0
    assert said.out.rstrip().splitlines()[-1] == str(folder)


def test_json_is_pure(say: Say, small_folder: Path, tmp_path: Path) -> None:
    both = ["--scenario", "as-it-is", "--scenario", "air-campaign"]
    said = say(
        "run", small_folder, "--members", 8, *both, "--no-report", "-o", tmp_path / "out", "--json"
    )
    assert said.code == 0
    found = json.loads(said.out)
    assert found["folder"] == str(tmp_path / "out")
    assert [s["scenario"] for s in found["scenarios"]] == ["as-it-is", "air-campaign"]
    for scenario in found["scenarios"]:
        assert scenario["members"] == 8
        for q in scenario["quantities"]:
            assert q["low"] <= q["median"] <= q["high"]
        for odds in scenario["holders"].values():
            assert sum(o["probability"] for o in odds) == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--members", "0"], "--members must be at least 1"),
        (["--members", "-5"], "--members must be at least 1"),
        (["--members", "1000000000"], "--yes"),
        (["--threads", "-1"], "--threads must be at least 1"),
        (["--scenario", "air-campain"], "Did you mean air-campaign?"),
        (["--answer", "combat_lax=mixed"], "Did you mean combat_law?"),
        (["--answer", "combat_law=mixt"], "Did you mean mixed?"),
        (["--answer", "nonsense=1"], "It asks: combat_law."),
        (["--members", "1000000000", "--yes"], "GB of memory"),
        (["--answer", "combat_law"], "--answer takes QUESTION=ANSWER"),
        (["--answer", "combat_law="], "--answer takes QUESTION=ANSWER"),
        (["--from", "tomorrow"], "--from takes origin, start or a date like 2016-05-17"),
        (["--from", "2035-01-01"], "outside the model's time"),
    ],
)
def test_bad_options(
    say: Say, small_folder: Path, tmp_path: Path, options: list[str], part: str
) -> None:
    said = say("run", small_folder, *options, "-o", tmp_path / "out")
    assert part in _line(said, 2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "x", "--members", "many"], ["run", "x", "--no-such-flag"], ["nonsense"]],
)
def test_wrong_usage(say: Say, arguments: list[str]) -> None:
    said = say(*arguments)
    assert said.code == 2
    assert not said.out.strip()
    assert said.err


def test_an_unknown_model(say: Say) -> None:
    assert "libya-2016" in _line(say("run", "libya-2061"), 2)
    assert "nowhere" in _line(say("check", "./nowhere"), 2)


def test_only_some_answers(say: Say, small_folder: Path, tmp_path: Path) -> None:
    one = ["--answer", "combat_law=square"]
    assert (
        say("run", small_folder, "--members", 4, *one, "--no-report", "-o", tmp_path / "out").code
        == 0
    )
    ds = khamsin.open(tmp_path / "out")
    assert set(ds.hypothesis_combat_law.values) == {"square"}
    assert "--answer combat_law=square" in ds.attrs["command"]


def test_the_command_of_a_run_makes_the_same_run(
    say: Say, small_run: Run, small_folder: Path, tmp_path: Path
) -> None:
    command = khamsin.open(small_run.stores[0]).attrs["command"].split()
    assert command[:3] == ["khamsin", "run", "small"]
    assert say("run", small_folder, *command[3:], "--no-report", "-o", tmp_path / "out").code == 0
    for store in small_run.stores:
        a, b = khamsin.open(store), khamsin.open(tmp_path / "out" / store.name)
        assert a.equals(b)


def test_damage_ends_in_one_line(say: Say, small_folder: Path, finished: Path) -> None:
    options = ["--members", 40, "--scenario", "as-it-is", "--scenario", "air-campaign"]
    arguments = ["run", small_folder, *options, "--no-report", "-o", finished]
    chunk = finished / "air-campaign.zarr" / "fighters" / "c" / "2" / "0" / "0"
    sound = chunk.read_bytes()
    chunk.write_bytes(sound[:-9])
    assert "is damaged" in _line(say(*arguments), 1)
    assert say("show", finished / "air-campaign.zarr").code == 1
    chunk.write_bytes(sound)
    (finished / "air-campaign.zarr" / "zarr.json").write_text("{")
    assert "air-campaign.zarr" in _line(say(*arguments), 1)
    assert say("show", finished / "air-campaign.zarr").code in (1, 2)
    assert "there is no ensemble" in _line(say("show", finished / "nowhere"), 2)


def test_python_beside_a_model_needs_trust(
    say: Say, changed: Callable[..., Path], tmp_path: Path
) -> None:
    folder = changed(VARIABLE, USE, START, files={"rumours.py": OWN})
    refused = _line(say("run", folder, "--members", 2, "--no-report", "-o", tmp_path / "out"), 2)
    assert "rumours.py" in refused
    assert "--trust" in refused
    for verb in (["check", folder], ["show", folder, "--step"]):
        assert "--trust" in _line(say(*verb), 2)
        assert say(*verb, "--trust").code == 0
    arguments = ["run", folder, "--trust", "--members", 2, "--no-report", "-o", tmp_path / "out"]
    assert say(*arguments).code == 0


def test_check_prints_the_plan(say: Say, small_folder: Path) -> None:
    said = say("check", small_folder)
    assert said.code == 0
    assert not said.err
    for part in ("Order of the step:", "combat.exponent", "numbers: ", "share_of_judgement: "):
        assert part in said.out
    found = json.loads(say("check", small_folder, "--json").out)
    assert [s["name"] for s in found["step"]][:2] == ["encounters", "attack"]
    assert all(n["source"] for n in found["numbers"])
    assert say("check", small_folder, "--scenario", "air-campaign").code == 0
    assert "air-campaign" in _line(say("check", small_folder, "--scenario", "air"), 2)


def test_check_names_all_faults(say: Say, changed: Callable[..., Path]) -> None:
    folder = changed(("  - combat\n", "  - combatt\n"), ("  siege_days: 0\n", ""))
    said = say("check", folder)
    assert said.code == 2
    assert not said.out
    lines = said.err.strip().splitlines()
    assert len(lines) >= 2
    assert all(".yaml:" in line for line in lines)


def test_check_takes_libya(say: Say) -> None:
    said = say("check", "libya-2016")
    assert said.code == 0
    assert "share_of_judgement: " in said.out


def test_list_schema_show_and_version(say: Say, small_folder: Path, small_run: Run) -> None:
    assert "libya-2016" in say("list").out
    assert "libya-2016" in [m["name"] for m in json.loads(say("list", "--json").out)]
    assert "properties" in json.loads(say("schema").out)
    step = say("show", small_folder, "--step")
    assert "# 1. encounters" in step.out
    assert "def combat_adapter" in step.out
    shown = say("show", small_run.folder)
    assert shown.code == 0
    assert shown.out.strip()
    assert say("--version").out == f"khamsin {khamsin.__version__}\n"
    helped = say("--help")
    assert helped.code == 0
    for verb in ("run", "check", "show", "list", "schema", "new"):
        assert verb in helped.out


def test_new_writes_a_model_that_runs(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert say("new", "mine").out == "mine is written. Now: khamsin run ./mine\n"
    assert say("check", "./mine").code == 0
    said = say("run", "./mine", "--members", 2, "--no-report")
    assert said.code == 0
    last = said.out.rstrip().splitlines()[-1]
    assert last.startswith("runs/mine-")
    assert Path(last, "as-it-is.zarr").exists()
    (tmp_path / "mine" / "model.yaml").write_text("my own")
    assert "is there already" in _line(say("new", "mine"), 2)
    assert (tmp_path / "mine" / "model.yaml").read_text() == "my own"
    (tmp_path / "file").write_text("")
    assert _line(say("new", "file/mine"), 1)


def test_whatever_breaks_ends_in_one_line(
    say: Say, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("nobody\nexpected this")

    monkeypatch.setattr("khamsin.verbs.run.compile_plan", broken)
    said = say("run", small_folder, "--members", 2, "--no-report", "-o", tmp_path / "out")
    line = _line(said, 1)
    assert "RuntimeError: nobody expected this" in line
    assert "KHAMSIN_DEBUG" in line


def test_a_closed_pipe_is_no_error(small_folder: Path) -> None:
    command = f"{sys.executable} -c 'from khamsin.cli import main; main()' schema | head -c 10"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.stdout.startswith("{")
    assert "Traceback" not in done.stderr


def test_stdout_and_stderr_are_kept_apart(small_folder: Path, tmp_path: Path) -> None:
    """As a script sees it: a process of its own, nothing compiled for it yet."""
    environment = {**os.environ, "KHAMSIN_CACHE": str(tmp_path / "cache"), "COLUMNS": "80"}
    folder = only(small_folder, tmp_path / "one", "recovery", "wounded")
    code = "from khamsin.cli import main; main()"
    arguments = [
        "run",
        str(folder),
        "--members",
        "3",
        "--json",
        "--no-report",
        "-o",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == str(tmp_path / "out")
    assert "compiling" in done.stderr


def test_a_title_in_brackets_is_no_markup(
    say: Say, small_folder: Path, changed: Callable[..., Path], tmp_path: Path
) -> None:
    title = ("title: Two groups and three towns", "title: 'Two groups [draft] [/b]'")
    folder = changed(title)
    arguments = ["run", folder, "--members", 2, "--no-report", "-o", tmp_path / "out"]
    said = say(*arguments)
    assert said.code == 0
    assert not said.err
    assert "Two groups [draft] [/b]: " in said.out
    assert "Two groups [draft] [/b]: " in say("show", tmp_path / "out").out


def test_what_new_says_can_be_copied(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert say("new", tmp_path / "there").out.endswith(f"khamsin run {tmp_path}/there\n")
    assert say("new", "my war").out.endswith("khamsin run './my war'\n")
    assert "--step" in _line(say("show", "my war"), 2)


def test_a_cache_that_cannot_be_written(
    say: Say, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path / "file"))
    said = say("run", small_folder, "--members", 2, "--no-report", "-o", tmp_path / "out")
    assert "KHAMSIN_CACHE" in _line(said, 1)


def test_a_score_is_of_the_scenario_that_is_named(say: Say, small_run: Run, tmp_path: Path) -> None:
    for what in (small_run.folder, small_run.stores[0]):
        line = _line(say("score", what, "--scenario", "as-it-was"), 2)
        assert "holds no scenario 'as-it-was'. It has: as-it-is" in line
    line = _line(say("score", small_run.stores[0], "--preface", tmp_path / "none.md"), 2)
    assert line.startswith("cannot read the preface")


def test_every_number_has_its_line(say: Say, tmp_path: Path) -> None:
    """Roads, reporting models, constants and the exceptions of an answer are numbers, too."""
    said = say("check", "lake-chad-2015").out
    found = dict(line.split("  ", 1) for line in map(str.strip, said.splitlines()) if "  [" in line)
    forced = found["recruitment.coerced | intake=force"]
    assert forced.count("log-normal") == 2
    assert "; BH log-normal" in forced
    assert "no source given" in found["reporting of displaced_nigeria: sigma"]
    assert any(name.startswith("length of ") for name in found)
    say("new", tmp_path / "mine")
    file = tmp_path / "mine" / "model.yaml"
    text = file.read_text().replace("siege_days: 0", "siege_days: 9")
    file.write_text(text.replace("  - desertion", "  - desertion\n  - blockade"))
    said = " ".join(say("check", tmp_path / "mine").out.split())
    assert "start of siege_days 9 day [no source given]" in said
    assert "blockade does nothing to any facility: no table of the model has one" in said


def test_a_scenario_is_not_compared_with_itself(say: Say, small_run: Run) -> None:
    store = small_run.stores[0]
    assert "compared with itself" in _line(say("compare", store, store), 2)
