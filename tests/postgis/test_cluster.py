"""The private PostGIS: made, found, recovered, and ended with its owner."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from gridmap.errors import RecordError
from gridmap.postgis import cluster, packages, server

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
UP = "import sys; from gridmap.postgis.cluster import up; print(up(sys.argv[1], stay=%s, durable=False), flush=True)"
OWNER = UP % "False" + "; sys.stdin.read()"
STAYING = UP % "True" + "; sys.stdin.read()"


@pytest.fixture(scope="module")
def shared_dir():
    """A data folder for all tests that do not mind what others left in it."""
    with new_dir() as path:
        yield path


@pytest.fixture
def data_dir():
    """A data folder that nobody has used."""
    with new_dir() as path:
        yield path


@contextmanager
def new_dir():
    path = Path(tempfile.mkdtemp(prefix="gridmap-cluster-", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        cluster.down(path)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def process(code, path, **options):
    """A process that runs `code` on a data folder and stays, once it has said something."""
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    ) as started:
        started.stdout.readline()
        yield started
        started.kill()


def ask(url, question):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchone()[0] if answer.description else None


def eventually(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("SHOW server_encoding", "UTF8"),
        ("SELECT 'Z' COLLATE \"default\" < 'a'", True),  # by code point: U+005A before U+0061
        ("SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension", ["btree_gist", "plpgsql", "postgis"]),
        ("SELECT ST_SRID(ST_Transform(ST_SetSRID(ST_MakePoint(120.8, 32), 4490), 4549))", 4549),
        ("SHOW data_checksums", "on"),
        ("SHOW timezone", "UTC"),
        ("SHOW jit", "off"),
        ("SHOW listen_addresses", ""),
        ("SHOW wal_segment_size", "4MB"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("SHOW") else None,
)
def test_a_new_cluster_is_set_up_for_the_record(shared_dir, question, answer):
    assert ask(cluster.up(shared_dir, durable=False), question) == answer


def test_the_server_is_durable_unless_asked_otherwise(data_dir):
    url = cluster.up(data_dir)
    assert {ask(url, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}
    cluster.down(data_dir)
    assert ask(cluster.up(data_dir, durable=False), "SHOW fsync") == "off"


def test_nobody_but_the_owner_may_enter_the_folder_of_the_socket(shared_dir):
    cluster.up(shared_dir, durable=False)
    assert [(shared_dir / name).stat().st_mode & 0o777 for name in ("run", "cluster")] == [0o700, 0o700]


@AS_ROOT
def test_the_server_does_not_run_as_root(shared_dir):
    cluster.up(shared_dir, durable=False)
    assert Path(f"/proc/{cluster.status(shared_dir).pid}").stat().st_uid != 0


def test_settings_for_other_servers_in_the_environment_are_not_taken(data_dir, monkeypatch):
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    cluster.up(data_dir, durable=False)
    assert data_dir.joinpath("complete").exists()


def test_settings_of_the_users_own_are_kept(data_dir):
    data_dir.joinpath("postgresql.local.conf").write_text("work_mem = 7MB\n")
    assert ask(cluster.up(data_dir, durable=False), "SHOW work_mem") == "7MB"


def test_a_long_data_folder_gets_its_socket_elsewhere(data_dir):
    long = data_dir / ("x" * 100)
    url = cluster.up(long, durable=False)
    sockets = server.Place.of(long).sockets
    assert (ask(url, "SELECT 1"), len(str(sockets)), sockets.stat().st_mode & 0o777) == (1, 29, 0o700)
    cluster.down(long)
    sockets.rmdir()


def test_a_folder_of_somebody_else_is_not_used_for_the_socket(data_dir, tmp_path):
    long = data_dir / ("x" * 100)
    server.Place.of(long).sockets.symlink_to(tmp_path)
    with pytest.raises(RecordError, match="not a private folder"):
        cluster.up(long, durable=False)
    server.Place.of(long).sockets.unlink()


def test_status_tells_what_stands_there(data_dir):
    before = cluster.status(data_dir)
    url = cluster.up(data_dir, stay=True, durable=False)
    during = cluster.status(data_dir)
    cluster.down(data_dir)
    after = cluster.status(data_dir)
    assert (before.major, before.running, before.url, before.stays) == (None, False, None, False)
    assert (during.running, during.url, during.stays) == (True, url, True)
    assert (after.major, after.running, after.stays) == (during.major, False, False)


def test_down_of_a_cluster_that_never_was_does_nothing(tmp_path):
    assert not cluster.down(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_down_says_whether_there_was_a_server(shared_dir):
    cluster.up(shared_dir, durable=False)
    assert (cluster.down(shared_dir), cluster.down(shared_dir)) == (True, False)


def test_processes_that_start_it_at_once_share_one_server(data_dir):
    started = [
        subprocess.Popen([sys.executable, "-c", UP % "True", data_dir], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    urls = {one.communicate()[0].strip() for one in started}
    assert urls == {cluster.status(data_dir).url}
    assert list(data_dir.glob("cluster.new-*")) == []


def kill_server(path):
    os.kill(cluster.status(path).pid, signal.SIGKILL)
    assert eventually(lambda: not cluster.status(path).running)


def kill_everything(path):
    for one in server._processes(server.Place.of(path)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    assert eventually(lambda: not cluster.status(path).running)


@pytest.mark.parametrize("kill", [kill_server, kill_everything])
def test_what_was_committed_survives_a_kill_and_what_was_not_is_gone(shared_dir, kill):
    url = cluster.up(shared_dir, durable=False).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS work; CREATE TABLE work AS SELECT 1 AS done")
        connection.commit()
        connection.execute("INSERT INTO work SELECT generate_series(1, 100000)")
        kill(shared_dir)
        connection.close()
    assert ask(cluster.up(shared_dir, durable=False), "SELECT count(*) FROM work") == 1


def test_children_of_a_killed_server_that_are_busy_do_not_hinder_the_next(shared_dir, monkeypatch):
    monkeypatch.setattr(server, "ORPHANS_S", 0.3)
    url = cluster.up(shared_dir, durable=False).replace("+psycopg", "")
    busy = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"
    psql = packages.provide(packages.unpacked_dir())
    command = [psql["psql"], "-q", url, "-c", busy]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, **psql.environment}) as session:
        assert eventually(lambda: ask(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'") == 1)
        kill_server(shared_dir)
        assert ask(cluster.up(shared_dir, durable=False), "SELECT 1") == 1
        session.kill()


def test_a_process_number_that_another_program_got_after_a_reboot_does_not_hinder(shared_dir):
    cluster.up(shared_dir, durable=False)
    cluster.down(shared_dir)
    owner = shared_dir.joinpath("cluster").stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid) as other:
        shared_dir.joinpath("cluster/postmaster.pid").write_text(f"{other.pid}\n{shared_dir}/cluster\n")
        shared_dir.joinpath("run/.s.PGSQL.5432.lock").write_text(f"{other.pid}\n")
        before = cluster.status(shared_dir).running
        answer = ask(cluster.up(shared_dir, durable=False), "SELECT 1")
        other.kill()
    assert (before, answer) == (False, 1)


def test_the_server_itself_says_that_the_data_are_in_use(shared_dir):
    cluster.up(shared_dir, durable=False)
    with pytest.raises(BlockingIOError), server.Place.of(shared_dir).locked("server.lock", wait=False):
        pass


def test_a_server_that_cannot_be_seen_is_not_doubled(shared_dir, monkeypatch):
    cluster.up(shared_dir, durable=False)
    cluster.down(shared_dir)
    monkeypatch.setattr(server, "ORPHANS_S", 0.1)
    with server.Place.of(shared_dir).locked("server.lock"), pytest.raises(RecordError, match="another container"):
        cluster.up(shared_dir, durable=False)


def test_a_cluster_that_was_cut_off_while_it_was_made_is_made_anew(data_dir):
    # as a power cut does: its initdb ends with it, and writes nothing more behind the back of the next
    command = [sys.executable, "-c", OWNER, data_dir]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as first:
        assert eventually(lambda: list(data_dir.glob("cluster.new-*/base")))
        os.killpg(first.pid, signal.SIGKILL)
    assert not data_dir.joinpath("cluster").exists()
    assert ask(cluster.up(data_dir, durable=False), "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == 1
    assert list(data_dir.glob("cluster.new-*")) == []


def test_a_cluster_that_was_cut_off_before_its_database_was_whole_is_completed(data_dir):
    url = cluster.up(data_dir, durable=False)
    ask(url.replace("/gridmap?", "/postgres?"), "DROP DATABASE gridmap")
    data_dir.joinpath("complete").unlink()
    assert ask(cluster.up(data_dir), "SELECT count(*) FROM pg_extension") == 3


def test_the_server_ends_when_its_last_owner_is_killed(data_dir):
    with process(OWNER, data_dir) as first, process(OWNER, data_dir) as second:
        first.kill()
        first.wait()
        time.sleep(0.5)
        assert cluster.status(data_dir).running
        second.kill()
    assert eventually(lambda: not cluster.status(data_dir).running)


def test_a_forked_child_that_outlives_the_owner_does_not_keep_the_server(data_dir):
    code = OWNER.replace("; sys.stdin.read()", "; import os; os.fork() or __import__('time').sleep(20)")
    with process(code, data_dir) as owner:
        pass
    assert owner.poll() is not None
    assert eventually(lambda: not cluster.status(data_dir).running)


def test_a_server_that_was_asked_to_stay_outlives_ctrl_c_and_lets_go_of_the_callers_pipe(data_dir):
    with process(STAYING, data_dir, start_new_session=True, stderr=subprocess.DEVNULL) as starter:
        os.killpg(starter.pid, signal.SIGINT)
        starter.stdin.close()
        assert starter.stdout.read() == ""
    assert cluster.status(data_dir).running


def test_an_owner_that_comes_and_goes_does_not_end_a_server_that_stays(data_dir):
    cluster.up(data_dir, stay=True, durable=False)
    with process(OWNER, data_dir):
        pass
    time.sleep(0.5)
    assert cluster.status(data_dir).running


def test_the_watch_that_was_killed_is_set_again_by_the_next_owner(data_dir):
    with process(OWNER, data_dir):
        kill_watch(data_dir)
        with process(OWNER, data_dir):
            pass
    assert eventually(lambda: not cluster.status(data_dir).running)


def kill_watch(path):
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"watch({str(path)!r}" in entry.read_text():
                os.kill(int(entry.parent.name), signal.SIGKILL)


@AS_ROOT
def test_a_folder_that_the_servers_user_cannot_reach_is_refused(data_dir):
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(RecordError, match=re.escape(f"may not enter {closed};")):
        cluster.up(closed / "inner")


@AS_ROOT
def test_a_closed_data_folder_of_roots_is_opened_to_the_server_but_not_to_the_world(data_dir):
    data_dir.chmod(0o700)
    assert ask(cluster.up(data_dir, durable=False), "SELECT 1") == 1
    assert data_dir.stat().st_mode & 0o777 == 0o710


def test_a_server_that_does_not_start_is_quoted(data_dir):
    data_dir.joinpath("postgresql.local.conf").write_text("work_mem = nonsense\n")
    with pytest.raises(RecordError, match=r"does not start.*work_mem"):
        cluster.up(data_dir, durable=False)
