# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _facts

# /proc/PID/stat of kernel 6.18, recorded on 2026-11-23, the second one with another name.
KAUDITD = "30 (kauditd) S 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 31 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 1 0 0 0"
HOSTILE = "812 (x) S 1 (y\nz) S 1 812 812 0 -1 4194624 163 0 0 0 1 2 0 0 20 0 2 0 5150 11000000 700 18446744073709551615 1 1 0 0 0 0 0 4096 0"


def test_the_command_line_is_a_table():
    assert _facts.command_line("quiet audit=1 x=y=z audit=0\n") == {"quiet": "", "audit": "0", "x": "y=z"}


def test_a_process_is_read_whatever_its_name():
    found = _facts.process(HOSTILE)
    assert (found.pid, found.comm, found.started, found.of_the_kernel) == (812, "x) S 1 (y\nz", 5150, False)
    assert _facts.process(KAUDITD).of_the_kernel
    assert _facts.process("") is None
    assert _facts.process("1 (cut) S 0") is None


def made(pid, started, flags=0):
    return _facts.Process(pid, "p{0}".format(pid), flags, started)


@pytest.mark.parametrize("auditd, count, oldest", [(made(50, 100), 2, [1, 9]), (None, 4, [1, 9, 50, 60])])
def test_what_was_started_before_auditd_is_not_audited(auditd, count, oldest):
    running = [made(60, 200), made(50, 100), made(2, 0, 0x00200000), made(9, 10), made(1, 0)]
    found = _facts.unaudited(running, auditd)
    assert found["count"] == count
    assert [process["pid"] for process in found["oldest"]] == oldest


def test_only_the_oldest_are_named():
    found = _facts.unaudited([made(pid, pid) for pid in range(1, 100)], None)
    assert found["count"] == 99
    assert len(found["oldest"]) == _facts.OLDEST
