# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _ledger


@pytest.fixture
def ledger(tmp_path):
    return _ledger.Ledger(str(tmp_path / "records"))


def test_nothing_recorded(ledger):
    assert ledger.names() == []
    assert ledger.read("x") is None
    assert ledger.host() == _ledger.empty_host()
    ledger.remove("x")
    assert not os.path.exists(ledger.directory)


def test_names_share_the_host_until_the_last_one_goes(ledger):
    ledger.write(_ledger.empty("x"))
    ledger.write(_ledger.empty("y"))
    ledger.write_host(dict(_ledger.empty_host(), start=True))
    assert ledger.names() == ["x", "y"]
    assert [record["name"] for record in ledger.others("x")] == ["y"]
    ledger.remove("x")
    assert ledger.host()["start"]
    ledger.remove("y")
    assert not os.path.exists(ledger.directory)


def test_records_are_for_root_alone(ledger):
    ledger.write(_ledger.empty("x"))
    assert os.stat(ledger.directory).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(ledger.directory, "x.json")).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"version": 1, "name": "x"}', "\udcff"])
def test_a_damaged_record_is_said_to_be(ledger, text):
    ledger.write(_ledger.empty("x"))
    with open(os.path.join(ledger.directory, "x.json"), "wb") as stream:
        stream.write(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(_ledger.LedgerError, match=r"x\.json is damaged"):
        ledger.read("x")
    assert ledger.others("y") == []


def test_what_a_killed_run_left_is_swept(ledger):
    os.makedirs(ledger.directory)
    with open(os.path.join(ledger.directory, "x.json" + _files.SUFFIX), "w"):
        pass
    ledger.sweep()
    assert not os.path.exists(ledger.directory)
