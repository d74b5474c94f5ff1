"""Adapters: written out, cached by content, compiled once, and the same numbers as the kernel."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import khamsin
from khamsin import adapters, processes
from khamsin.draws import new_stream
from khamsin.errors import InputError, RunError

RECOVERY = processes.find("recovery")
COMBAT = processes.find("combat")
NOTHING: frozenset[str] = frozenset()


def test_the_adapter_is_readable_python() -> None:
    by_place = frozenset({"fighters", "wounded"})
    text = adapters.source(COMBAT, by_place)
    compile(text, "adapter", "exec")
    assert "for place in range(at[0]):" in text
    assert "pin_place(rng, key_0, key_1, place)" in text
    assert "+ place * at[" in text
    assert adapters.source(COMBAT, by_place) == text
    assert adapters.source(COMBAT, NOTHING) != text
    assert "for place" not in adapters.source(RECOVERY, NOTHING)


def test_positions_do_not_overlap() -> None:
    for name in processes.names():
        process = processes.find(name)
        taken = {0}
        for argument, position in adapters.layout_of(process):
            own = set(range(position, position + 1 + len(argument.dims)))
            assert not own & taken, (name, argument.name)
            taken |= own
        assert taken == set(range(adapters.at_width(process)))


def test_the_file_is_named_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path))
    plain = adapters.file_of(RECOVERY, NOTHING)
    assert plain.parent == tmp_path
    assert adapters.file_of(COMBAT, NOTHING) != adapters.file_of(COMBAT, frozenset({"fighters"}))
    monkeypatch.setattr(adapters, "content_hash", lambda process: "another source")
    assert adapters.file_of(RECOVERY, NOTHING) != plain


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KHAMSIN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert adapters.cache_folder() == tmp_path / "khamsin"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert adapters.cache_folder() == Path.home() / ".cache" / "khamsin"


def test_compiled_once_then_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, one cache: the second finds what the first compiled, and draws the same."""
    code = (
        "import json, numpy as np\n"
        "from khamsin import adapters, processes, draws\n"
        "p = processes.find('recovery')\n"
        "before = adapters.is_compiled(p, frozenset())\n"
        "adapter = adapters.compile_adapter(p, frozenset())\n"
        "at = np.zeros(adapters.at_width(p), np.int64)\n"
        "offset = own = 0\n"
        "for a, k in adapters.layout_of(p):\n"
        "    at[k] = own if a.intent == 'parameter' else offset\n"
        "    at[k + 1 : k + 1 + len(a.dims)] = 3\n"
        "    own += a.intent == 'parameter'\n"
        "    offset += 3 * (a.intent != 'parameter')\n"
        "state = np.arange(100.0, 100.0 + offset)\n"
        "adapter(state, np.array([20.0, 0.5]), at, draws.new_stream('ABC', 'X'), 7.0)\n"
        "print(json.dumps([before, adapters.is_compiled(p, frozenset()), state.tolist()]))\n"
    )
    environment = {**os.environ, "KHAMSIN_CACHE": str(tmp_path)}
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(2)
    ]
    assert [f[0] for f in found] == [False, True]
    assert all(f[1] for f in found)
    assert found[0][2] == found[1][2]
    state = np.array(found[0][2])
    wounded, unplaced, discharged = state[:3], state[3:6], state[6:]
    assert (wounded < [100, 101, 102]).any()
    # Out starts from zero in the engine, here from 106: what left the ward is accounted for.
    assert wounded + unplaced + discharged == pytest.approx(
        np.array([100.0, 101.0, 102.0]) + np.array([103.0, 104.0, 105.0]) + discharged, abs=1000
    )


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OSError, match="file"):
        adapters.compile_adapter(RECOVERY, NOTHING)


def test_shipped_processes_are_compiled_in_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHAMSIN_CACHE", str(tmp_path))
    needed = [(RECOVERY, NOTHING), (processes.find("march"), NOTHING)]
    assert adapters.compile_missing(needed) == 2
    assert all(adapters.is_compiled(p, by) for p, by in needed)
    assert adapters.compile_missing(needed) == 0


def test_a_users_process_is_found_again_by_another_process(
    small_folder: Path, tmp_path: Path
) -> None:
    """The compiled code of a user's file is kept, and used from wherever the file lies."""
    from test_plan import OWN, START, VARIABLE, only

    environment = {**os.environ, "KHAMSIN_CACHE": str(tmp_path / "cache")}
    code = "from khamsin.cli import main; main()"
    for k in range(2):
        folder = only(small_folder, tmp_path / f"model{k}", "./rumours.py:rumours", "rumour")
        text = (folder / "model.yaml").read_text(encoding="utf-8")
        for old, new in (VARIABLE, START):
            text = text.replace(old, new)
        (folder / "model.yaml").write_text(text, encoding="utf-8")
        (folder / "rumours.py").write_text(OWN, encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-c", code, "run", str(folder), "--trust", "--json"),
                *("--members", "2", "--no-report", "-o", str(tmp_path / f"out{k}")),
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)
        assert ("compiling" in done.stderr) == (k == 0)


def test_the_kernel_inside_the_adapter_is_the_process() -> None:
    """Called through its adapter or as plain Python, a process does the same."""
    adapter = adapters.compile_adapter(RECOVERY, NOTHING)
    at = np.zeros(adapters.at_width(RECOVERY), np.int64)
    state, own, offset, number = np.zeros(9), np.array([20.0, 0.5]), 0, 0
    plain: dict[str, np.ndarray] = {}
    for argument, position in adapters.layout_of(RECOVERY):
        if argument.intent == "parameter":
            at[position], number = number, number + 1
            continue
        at[position], at[position + 1] = offset, 3
        plain[argument.name] = np.zeros(3)
        if argument.name != "discharged":
            plain[argument.name][:] = [1000, 50, 7]
        state[offset : offset + 3] = plain[argument.name]
        offset += 3
    adapter(state, own, at, new_stream("ABC", "X", 3), 7.0)
    RECOVERY(**plain, stay=20.0, returning=0.5, dt=7.0, rng=new_stream("ABC", "X", 3))
    assert np.array_equal(state, np.concatenate(list(plain.values())))
    assert state[0] < 1000


def test_the_module_of_an_adapter_loads_by_itself() -> None:
    file = adapters.file_of(RECOVERY, NOTHING)
    adapters.compile_adapter(RECOVERY, NOTHING)
    spec = importlib.util.spec_from_file_location("alone", file)
    assert spec is not None
    assert file.read_text(encoding="utf-8") == adapters.source(RECOVERY, NOTHING)


def _with_fear(tmp_path: Path, line: str) -> Path:
    """The three towns with a line more in the process that lies beside them."""
    folder = tmp_path / "towns"
    shutil.copytree(Path(__file__).parent.parent / "models" / "three-towns", folder)
    file = folder / "fear.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    fear[0] =", f"    {line}\n    fear[0] ="), encoding="utf-8")
    return folder


@pytest.mark.parametrize("wrong", ["open('x')", "nowhere(dt)", "'a' + dt", "__import__('os')"])
def test_what_cannot_be_compiled_is_refused_with_its_line(tmp_path: Path, wrong: str) -> None:
    folder = _with_fear(tmp_path, wrong)
    with pytest.raises(InputError, match=r"^fear\.py:\d+: fear cannot be compiled: \w+"):
        khamsin.run(folder, members=2, folder=tmp_path / "run", trust=True)


def test_what_a_users_process_only_reads_cannot_be_written_to(tmp_path: Path) -> None:
    folder = _with_fear(tmp_path, "battle_deaths[0] += 1.0")
    said = r"^fear\.py:\d+: fear cannot be compiled: it writes to what it declares In"
    with pytest.raises(InputError, match=said):
        khamsin.run(folder, members=2, folder=tmp_path / "run", trust=True)


@pytest.mark.parametrize("index", ["battle_deaths.size", "-1000"])
def test_an_index_beyond_an_array_names_the_users_process(tmp_path: Path, index: str) -> None:
    folder = _with_fear(tmp_path, f"fear[0] += battle_deaths[{index}]")
    with pytest.raises(RunError, match="beyond the end of an array in fear: "):
        khamsin.run(folder, members=2, folder=tmp_path / "run", trust=True)
