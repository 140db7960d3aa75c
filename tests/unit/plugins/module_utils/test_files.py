# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "audit.rules")


def taken(content, mode=0o640):
    return _files.Snapshot(content, mode, os.getuid(), os.getgid())


def test_a_file_comes_and_goes(path):
    assert _files.put(path, taken(b"-D\n"))
    assert _files.snapshot(path) == taken(b"-D\n")
    assert not _files.put(path, taken(b"-D\n"))
    assert _files.put(path, taken(b"-D\n", 0o600))
    assert _files.put(path, None)
    assert not _files.put(path, None)
    assert os.listdir(os.path.dirname(path)) == []


def test_the_old_file_stays_until_the_new_one_is_complete(path, monkeypatch):
    _files.put(path, taken(b"old"))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _files.put(path, taken(b"new"))
    assert _files.snapshot(path) == taken(b"old")


def test_what_a_killed_run_left_is_overwritten(path):
    with open(path + _files.SUFFIX, "w") as stream:
        stream.write("half")
    _files.put(path, taken(b"new"))
    assert os.listdir(os.path.dirname(path)) == ["audit.rules"]


def test_a_link_in_place_of_the_temporary_file_is_not_followed(path, tmp_path):
    (tmp_path / "victim").write_text("precious")
    os.symlink(str(tmp_path / "victim"), path + _files.SUFFIX)
    with pytest.raises(OSError):
        _files.put(path, taken(b"new"))
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_snapshot_survives_json():
    any_bytes = taken(bytes(bytearray(range(256))))
    assert _files.from_json(_files.to_json(any_bytes)) == any_bytes
    assert _files.from_json(_files.to_json(None)) is None


def test_the_lock_keeps_two_apart_and_leaves_no_file(tmp_path):
    path = str(tmp_path / "lock")
    with _files.Lock(path, 0):
        with pytest.raises(_files.LockError, match="another run"), _files.Lock(path, 0):
            pass
    with _files.Lock(path, 0):
        pass
    assert os.listdir(str(tmp_path)) == []
