"""On a Dask cluster of real processes, and on an object store: the same bytes, whatever fails."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from object_store import object_store, objects
from test_run import tree

import khamsin
from khamsin import lease, storage
from khamsin.cli import main
from khamsin.cluster import connection, given
from khamsin.errors import InputError, RunError
from khamsin.storage import place
from khamsin.verbs.run import Progress, Run, run

pytest.importorskip("distributed", reason="the extra khamsin[cluster] is not installed")
pytestmark = [
    pytest.mark.xdist_group("cluster"),
    # Processes that kill and stop one another, and wait for it: not beside the rest of the suite.
    pytest.mark.skipif(
        "KHAMSIN_CLUSTER_TESTS" not in os.environ, reason="runs with make verify, by itself"
    ),
]

SCENARIO, MEMBERS = "air-campaign", 24  # in six blocks


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with object_store() as url:
        yield url


@contextmanager
def two_workers() -> Iterator[Any]:
    """Start two worker processes; they see what object store there is."""
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=":0",
            memory_limit=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def client(bucket: str) -> Iterator[Any]:
    """Two worker processes, which see the object store."""
    with two_workers() as found:
        yield found


@pytest.fixture
def abused() -> Iterator[Any]:
    """Two worker processes to be killed, stopped or robbed: nobody else works with them after."""
    with two_workers() as found:
        yield found


def begin(model: Path, folder: Any, **options: Any) -> Run:
    """Run the small model, in small blocks."""
    given = {"scenarios": [SCENARIO], "members": MEMBERS, "block": 4, **options}
    return run(model, folder=folder, **given)


@pytest.fixture(scope="module")
def here(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run on threads of this process, in a folder."""
    return begin(small_folder, tmp_path_factory.mktemp("cluster") / "here")


def test_the_bytes_of_one_machine(
    small_folder: Path, here: Run, tmp_path: Path, client: Any
) -> None:
    largest = []

    def watch(p: Progress) -> None:
        sizes = client.run_on_scheduler(
            lambda dask_scheduler: [t.nbytes or 0 for t in dask_scheduler.tasks.values()]
        )
        largest.append(max(sizes, default=0))

    done = begin(small_folder, tmp_path / "a", client=client, progress=watch)
    assert done.finished and not done.cached
    assert tree(done.folder) == tree(here.folder)
    assert 0 < max(largest) < 1000  # a block's number: the scheduler carries no arrays
    assert begin(small_folder, tmp_path / "a", client=client).cached


def test_a_worker_killed_in_the_middle(
    small_folder: Path, here: Run, tmp_path: Path, abused: Any
) -> None:
    killed = []

    def kill(p: Progress) -> None:
        if p.done == 8 and not killed:
            killed.append(next(iter(abused.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    done = begin(small_folder, tmp_path / "a", client=abused, progress=kill)
    assert killed and done.finished
    assert tree(done.folder) == tree(here.folder)
    abused.wait_for_workers(1, timeout=60)  # on a busy machine Dask may give the other one up


def drop_ready(dask_worker: Any) -> list[str]:
    """Make a worker forget what it has not begun, and tell nobody."""
    from distributed.worker_state_machine import FreeKeysEvent

    found = [key for key, task in dask_worker.state.tasks.items() if task.state == "ready"]
    dask_worker.handle_stimulus(FreeKeysEvent(keys=found, stimulus_id="lost"))
    return found


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look after shorter silences than usual."""
    monkeypatch.setattr(connection, "LOOK", 0.3)
    monkeypatch.setattr(given, "ANSWER", 5.0)
    monkeypatch.setattr(given, "SILENCE", 120.0)


@pytest.mark.usefixtures("hurried")
def test_a_task_that_its_worker_forgot(
    small_folder: Path, here: Run, tmp_path: Path, abused: Any
) -> None:
    """The scheduler counts on an idle worker: nobody would ever say that the block is lost."""
    lost = []

    def forget(p: Progress) -> None:
        if not lost:
            lost.extend(key for keys in abused.run(drop_ready).values() for key in keys)

    done = begin(small_folder, tmp_path / "a", client=abused, progress=forget, block=1)
    assert lost
    assert done.finished
    assert sorted(f.name for f in tmp_path.glob("a/*.blocks/0*")) == [
        f"{k:06d}" for k in range(MEMBERS)
    ]
    ours, theirs = khamsin.open(here.stores[0]), khamsin.open(done.stores[0])
    assert all(np.array_equal(theirs[n], ours[n], equal_nan=True) for n in ours.data_vars)


@pytest.mark.usefixtures("hurried")
def test_an_answer_that_does_not_arrive(
    small_folder: Path, here: Run, tmp_path: Path, abused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed.client import FutureState

    usual, heard = FutureState.finish, set()

    def finish(self: Any, type: Any = None) -> None:
        if heard:
            usual(self, type)
        heard.add(self.key)

    monkeypatch.setattr(FutureState, "finish", finish)
    done = begin(small_folder, tmp_path / "a", client=abused)
    assert len(heard) == 7  # six blocks, one of them twice
    assert done.finished
    assert tree(done.folder) == tree(here.folder)


def hold_once(mark: str) -> None:
    """On a worker: let the first block that it is given wait until a file is there."""
    from khamsin.cluster import tasks

    usual, began = tasks.make_block, time.monotonic()

    def wait(key: str, store: Any, number: int) -> int:
        tasks.make_block = usual
        while not os.path.exists(mark) and time.monotonic() - began < 120.0:
            time.sleep(0.05)
        return usual(key, store, number)

    tasks.make_block = wait


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_holds_a_block_and_never_ends_it(
    small_folder: Path,
    here: Run,
    tmp_path: Path,
    abused: Any,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
) -> None:
    """One: the other worker makes the block. Both: the run ends, although they say they have it."""
    for name, value in (("SILENCE", 2.0), ("LONGER", 1.0), ("FIRST", 2.0)):
        monkeypatch.setattr(given, name, value)
    monkeypatch.setattr(connection, "LOOK", 0.3)
    release = tmp_path / "release"
    abused.run(hold_once, str(release), workers=list(abused.nthreads())[:workers])
    try:
        if workers == 1:
            assert begin(small_folder, tmp_path / "a", client=abused).finished
        else:
            with pytest.raises(RunError, match=r"none has ended for .* given out 3 times"):
                begin(small_folder, tmp_path / "a", client=abused)
    finally:
        release.touch()
    begin(small_folder, tmp_path / "a", client=abused)
    assert tree(tmp_path / "a") == tree(here.folder)


def test_workers_that_stand_still_end_the_run_and_it_goes_on(
    small_folder: Path, here: Run, tmp_path: Path, abused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("ANSWER", 0.5), ("SILENCE", 2.0)):
        monkeypatch.setattr(given, name, seconds)
    monkeypatch.setattr(connection, "LOOK", 0.3)
    stopped = list(abused.run(os.getpid).values())

    def stop(p: Progress) -> None:
        if p.done == 8:
            for process in stopped:
                os.kill(process, signal.SIGSTOP)

    try:
        with pytest.raises(RunError, match=r"no worker .* has taken anything up for 2 seconds"):
            begin(small_folder, tmp_path / "a", client=abused, progress=stop)
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    monkeypatch.undo()
    begin(small_folder, tmp_path / "a", client=abused)
    assert tree(tmp_path / "a") == tree(here.folder)


def test_a_scheduler_that_is_named_by_its_address(
    small_folder: Path, here: Run, tmp_path: Path, client: Any
) -> None:
    """From another process, which has no client of its own."""
    options = ["--members", str(MEMBERS), "--block", "4", "--no-report", "--scenario", SCENARIO]
    address = client.scheduler_info()["address"]
    command = [sys.executable, "-m", "khamsin", "run", str(small_folder), *options]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "run"), "--cluster", address],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "run") == tree(here.folder)


def test_an_object_store_holds_the_same_bytes(
    small_folder: Path, here: Run, bucket: str, client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{bucket}/same"
    done = begin(small_folder, url, client=client)
    assert done.finished
    assert objects(url) == tree(here.folder)
    assert begin(small_folder, url).cached  # without the cluster: whatever wrote it
    ours = khamsin.open(here.stores[0])
    for chunks in (None, {}, {"member": 8}):
        theirs = khamsin.open(url, chunks=chunks)
        assert (theirs.fighters.chunks is None) == (chunks is None)
        assert all(np.array_equal(theirs[n], ours[n], equal_nan=True) for n in ours.data_vars)
    again = khamsin.open_parameters(url)
    assert again.equals(khamsin.open_parameters(here.stores[0]))
    with pytest.raises(SystemExit) as end:
        main(["show", url])
    assert not end.value.code
    assert "An outside power strikes the rebels" in capsys.readouterr().out


def test_a_stopped_run_goes_on_from_elsewhere(
    small_folder: Path, here: Run, bucket: str, client: Any
) -> None:
    url, stop = f"{bucket}/stopped", threading.Event()
    part = begin(
        small_folder, url, threads=1, stop=stop, progress=lambda p: p.done >= 4 and stop.set()
    )
    assert not part.finished
    with pytest.raises(RunError, match="is unfinished"):
        khamsin.open(url)
    begin(small_folder, url, client=client)
    assert objects(url) == tree(here.folder)


def test_a_store_that_fails_once_and_then_works(
    small_folder: Path, here: Run, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each object is refused once, when it is put; and once when it is got."""
    import s3fs

    usual, refused = s3fs.S3FileSystem._call_s3, set()

    async def call(self: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        what = (method, kwargs.get("Key"))
        if method in ("put_object", "get_object") and what not in refused:
            refused.add(what)
            raise OSError(5, "Input/output error")
        return await usual(self, method, *args, **kwargs)

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", call)
    monkeypatch.setattr(storage, "PAUSE", 0.001)
    done = begin(small_folder, f"{bucket}/flaky")
    monkeypatch.undo()
    assert done.finished
    assert len(refused) > 80
    assert objects(f"{bucket}/flaky") == tree(here.folder)


def test_a_store_that_never_works(
    small_folder: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    async def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", refuse)
    monkeypatch.setattr(storage, "PAUSE", 0.001)
    with pytest.raises(RunError, match="cannot write s3://") as error:
        begin(small_folder, f"{bucket}/dead")
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    with pytest.raises(RunError, match="cannot write s3://no-such-bucket-here"):
        begin(small_folder, "s3://no-such-bucket-here/run")


def test_two_clients_write_the_same_run(
    small_folder: Path,
    here: Run,
    bucket: str,
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without any lock, as if it had failed: nothing is lost, nothing is double."""
    monkeypatch.setattr(lease, "leased", lambda folder: nullcontext())
    url, found = f"{bucket}/two", []
    both = [
        threading.Thread(target=lambda o=o: found.append(begin(small_folder, url, **o)))
        for o in ({"client": client}, {"threads": 2})
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [done.finished for done in found] == [True, True]
    assert objects(url) == tree(here.folder)


def test_a_second_client_is_refused_while_the_first_is_alive(
    small_folder: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "WATCH", 1.0)
    url = f"{bucket}/held"
    with (
        lease.leased(place(url), beat=0.1),
        pytest.raises(RunError, match="another process is writing to s3://"),
    ):
        begin(small_folder, url, members=3)


@pytest.mark.parametrize("left", ['{"holder": "dead", "count": 7}', "", "[]", "rubbish"])
def test_the_lock_of_a_dead_client_is_taken_over(bucket: str, left: str) -> None:
    folder = place(f"{bucket}/left")
    (folder / ".lock").write_text(left)
    with lease.leased(folder, watch=0.2):
        assert "dead" not in (folder / ".lock").read_text()
    assert not (folder / ".lock").exists()


def test_clocks_that_go_backwards_do_not_matter(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    folder = place(f"{bucket}/clock")
    with (
        lease.leased(folder, beat=0.1),
        pytest.raises(RunError, match="another process"),
        lease.leased(folder, watch=1.0),
    ):
        pass


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("local:0", "1 to 256"),
        ("local:9999", "1 to 256"),
        ("local:", "tcp://HOST:PORT or local:NUMBER"),
        ("host:8786", "tcp://HOST:PORT or local:NUMBER"),
        ("http://x", "tcp://HOST:PORT or local:NUMBER"),
        ("tcp://127.0.0.1:1", "no scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_addresses_that_lead_nowhere(
    small_folder: Path,
    tmp_path: Path,
    address: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "ANSWER", 1.0)
    with pytest.raises(InputError, match=said):
        begin(small_folder, tmp_path / "run", cluster=address)


def test_a_folder_that_the_workers_do_not_share(
    small_folder: Path, tmp_path: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunError, match=r"sees no memory://shared.*all workers share"):
        begin(small_folder, "memory://shared/run", client=client)


def test_a_url_that_nobody_knows(small_folder: Path) -> None:
    with pytest.raises(InputError, match="cannot be reached"):
        begin(small_folder, "nosuch://bucket/run")


def test_memory_is_a_store_of_this_process(small_folder: Path, here: Run) -> None:
    done = begin(small_folder, "memory://here/run")
    ours = khamsin.open(here.stores[0])
    assert np.array_equal(khamsin.open(done.stores[0]).fighters, ours.fighters)


def is_there(group: int) -> bool:
    """Whether a group of processes has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_ctrl_c_stops_the_client_and_its_own_workers(
    small_folder: Path, here: Run, tmp_path: Path, until: Callable[..., None]
) -> None:
    options = ["--members", str(MEMBERS), "--block", "4", "--no-report", "--scenario", SCENARIO]
    options += ["-o", str(tmp_path / "run")]
    command = [sys.executable, "-m", "khamsin", "run", str(small_folder), *options]
    process = subprocess.Popen(
        [*command, "--cluster", "local:2"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: list(tmp_path.glob("run/*.blocks/0*")) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    if process.returncode != 0:  # it may have been over
        assert process.returncode == 130
        assert "The same command goes on from there" in err
    until(lambda: not is_there(process.pid), 30)  # nobody is left
    begin(small_folder, tmp_path / "run")
    assert tree(tmp_path / "run") == tree(here.folder)
