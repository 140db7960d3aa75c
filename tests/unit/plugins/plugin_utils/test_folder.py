# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import multiprocessing
import os
import stat

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _folder

SEARCH = _folder.Search(("signal_send",), "1d ago", None, "nginx", ("KILL",))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "a" / "incident"
    old = os.umask(0)
    try:
        _folder.create(path)
    finally:
        os.umask(old)
    return path


def event(time, **more):
    return {"time": time, "id": "1.2:3", **more}


def test_create_is_private(folder):
    assert mode(folder) == 0o700
    assert mode(folder / "hosts") == 0o700


def test_create_takes_an_empty_folder_and_makes_it_private(tmp_path):
    tmp_path.chmod(0o755)
    _folder.create(tmp_path)
    assert mode(tmp_path) == 0o700


def test_create_leaves_evidence_alone(folder):
    with pytest.raises(FileExistsError, match="is not empty"):
        _folder.create(folder)


@pytest.mark.parametrize("host", ["web1", "../../etc/cron.d/x", "..", "a b\n{{ x }}", "ünï", "[fe80::1%eth0]"])
def test_store_stays_in_the_folder(folder, host):
    answer = _folder.Answer(host, "searched", concerns=(("lost", "3"),), search=SEARCH)
    _folder.store(folder, answer, [event("2026-11-23T10:00:00.000Z")])
    (path,) = (folder / "hosts").iterdir()
    assert mode(path) == 0o600
    collected = _folder.Collected(folder)
    assert collected.answers == [answer]
    assert list(collected.events()) == [{"host": host, **event("2026-11-23T10:00:00.000Z")}]


def test_a_second_answer_replaces_the_first(folder):
    _folder.store(folder, _folder.Answer("web1", "unreachable", "down"), [])
    _folder.store(folder, _folder.Answer("web1", "searched"), [event("1")])
    collected = _folder.Collected(folder)
    assert collected.answers == [_folder.Answer("web1", "searched")]
    assert len(collected) == 1


def test_events_of_all_hosts_by_time(folder):
    _folder.store(folder, _folder.Answer("b", "searched"), [event("1", n=1), event("3", n=3)])
    _folder.store(folder, _folder.Answer("a", "searched"), [event("2", n=2), event("3", n=2.5), event("0", n=0)])
    assert [found["n"] for found in _folder.Collected(folder).events()] == [0, 1, 2, 2.5, 3]


def test_progress_of_many_at_once(folder):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        seen = pool.starmap(_folder.note_progress, [(folder, 2)] * 50)
    assert sorted(seen) == [(number, 2 * number) for number in range(1, 51)]
    _folder.end_progress(folder)
    _folder.end_progress(folder)
    assert [path.name for path in folder.iterdir()] == ["hosts"]


def test_a_file_that_fails_is_not_there(folder):
    def write_half():
        with _folder.new_file(folder / "events.ndjson") as file:
            file.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert [path.name for path in folder.iterdir()] == ["hosts"]


def test_answers_of_an_earlier_incident(folder, tmp_path):
    _folder.store(folder, _folder.Answer("web1", "searched", search=SEARCH), [event("1")])
    _folder.create(tmp_path / "again", folder)
    again = _folder.Collected(tmp_path / "again")
    assert again.answers == _folder.Collected(folder).answers
    assert len(again) == 1
    assert mode(tmp_path / "again" / "hosts" / "web1.ndjson") == 0o600


def test_a_folder_without_answers_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no answers of hosts"):
        _folder.create(tmp_path / "again", tmp_path / "empty")
    assert not (tmp_path / "again").exists()
