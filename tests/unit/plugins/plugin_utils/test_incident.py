# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _incident

ROW = {
    "time": "2026-11-23T10:41:12.834Z",
    "host": "web1",
    "node": None,
    "id": "1795430472.834:8",
    "syscall": "kill",
    "abi": "b64",
    "signal": {"number": 9, "name": "SIGKILL"},
    "sender": {
        "pid": 2863,
        "ppid": 2860,
        "comm": "bash",
        "exe": "/usr/bin/bash",
        "cmdline": ["bash", "-c", "kill -9 2862"],
        "uid": {"id": 0, "name": "root"},
        "auid": {"id": 1000, "name": "alice"},
        "tty": "pts0",
        "session": 3,
    },
    "target": {"pid": 2862, "comm": "sleep", "uid": {"id": 33, "name": None}, "auid": {"id": None, "name": None}, "session": None},
    "success": True,
    "result": "ok",
}


def row(**changes):
    """A row with ``sender_pid=1`` and the like put in."""
    made = copy.deepcopy(ROW)
    for name, value in changes.items():
        part, _separator, field = name.partition("_")
        if field:
            made[part][field] = value
        else:
            made[part] = value
    return made


@pytest.mark.parametrize(
    "wanted, changes, expected",
    [
        ({}, {}, True),
        ({"signals": frozenset({9})}, {}, True),
        ({"signals": frozenset({15})}, {}, False),
        ({"process": "sleep"}, {}, True),
        ({"process": "/usr/bin/sleep"}, {}, True),
        ({"process": "2862"}, {}, True),
        ({"process": "862"}, {}, False),
        ({"process": "slee"}, {}, False),
        ({"process": "/usr/bin/"}, {}, False),
        ({"process": "NetworkManager-dispatcher"}, {"target_comm": "NetworkManager-"}, True),
        ({"process": "größen-rechnerei"}, {"target_comm": "größen-rechne"}, True),
        ({"process": "sleep"}, {"target_comm": None}, False),
        ({"process": "sleep", "signals": frozenset({15})}, {}, False),
        ({"sender": "bash"}, {}, True),
        ({"sender": "2863"}, {}, True),
        ({"sender": "2862"}, {}, False),
        ({"sender": "/usr/bin/bash"}, {}, True),
        ({"sender": "/bin/bash"}, {}, False),
        ({"sender": "sleep"}, {}, False),
        ({"sender": "bash", "process": "nginx"}, {}, False),
    ],
)
def test_wanted(wanted, changes, expected):
    assert _incident.Wanted(**wanted).takes(row(**changes)) is expected


@pytest.mark.parametrize(
    "changes, process, expected",
    [
        ({}, "", None),
        ({"signal_number": 0}, "", "probe"),
        ({"signal_number": 0}, "sleep", "probe"),
        ({"sender_pid": 2862}, "", "own"),
        ({"sender_pid": 2862}, "sleep", None),
        ({"sender_pid": 1}, "", "init"),
        ({"sender_pid": 1}, "sleep", None),
        ({"sender_pid": 4, "target_pid": 5}, "", "child"),
        ({"sender_pid": 4, "target_pid": 5}, "sleep", None),
        ({"sender_pid": 4, "target_pid": 5, "host": "web2"}, "", None),
        ({"sender_pid": 5, "target_pid": 4}, "", None),
        ({"sender_pid": None, "target_pid": None}, "", None),
    ],
)
def test_noise(changes, process, expected):
    processes = _incident.Processes()
    processes.add("web1", {"pid": 5, "ppid": 4, "comm": "worker"})
    assert _incident.noise(row(**changes), processes, _incident.Wanted(process)) == expected


def test_groups():
    groups = _incident.Groups()
    for changes in ({}, {"time": "2026-11-23T11:00:00.000Z", "host": "web2"}, {"sender_auid": {"id": 1001, "name": "bob"}}, {"result": "EPERM"}):
        groups.add(row(**changes))
    processes = _incident.Processes()
    processes.add("web1", {"pid": 2860, "ppid": 1, "comm": "sshd"})
    first = groups.largest(1, processes)
    assert len(groups) == 3
    assert first == [
        {
            "host": "web1",
            "hosts": 2,
            "comm": "bash",
            "exe": "/usr/bin/bash",
            "user": "root",
            "login": "alice",
            "tty": "pts0",
            "session": 3,
            "signal": "SIGKILL",
            "victim": "sleep",
            "result": "ok",
            "count": 2,
            "first": "2026-11-23T10:41:12.834Z",
            "last": "2026-11-23T11:00:00.000Z",
            "parents": [{"pid": 2860, "comm": "sshd"}, {"pid": 1, "comm": None}],
        }
    ]
    assert _incident.ancestry_text(first[0]["parents"]) == "2860 sshd ← 1"


def test_noise_of_a_named_sender_is_none():
    assert _incident.noise(row(sender_pid=1), _incident.Processes(), _incident.Wanted(sender="1")) is None


def test_ancestry_goes_as_far_as_events_show():
    processes = _incident.Processes()
    processes.add("web1", {"pid": 2860, "ppid": 2000, "comm": "sh"})
    processes.add("web1", {"pid": 2000, "ppid": 900, "comm": "sshd"})
    processes.add("web2", {"pid": 900, "ppid": 1, "comm": "other host"})
    assert processes.ancestry(row()) == [{"pid": 2860, "comm": "sh"}, {"pid": 2000, "comm": "sshd"}, {"pid": 900, "comm": None}]


def test_ancestry_of_reused_pids_ends():
    processes = _incident.Processes()
    processes.add("web1", {"pid": 2860, "ppid": 2863, "comm": "a"})
    processes.add("web1", {"pid": 2863, "ppid": 2860, "comm": "b"})
    assert processes.ancestry(row()) == [{"pid": 2860, "comm": "a"}]


def test_table():
    header, line = _incident.table([row()])
    assert line.split("  ") == [
        "2026-11-23 10:41:12.834Z",
        "web1",
        "SIGKILL",
        "2863 bash",
        "/usr/bin/bash",
        "bash -c 'kill -9 2862'",
        "root",
        "alice",
        "pts0",
        "2862 sleep",
        "ok",
    ]
    assert header.split() == [
        "TIME", "(UTC)", "HOST", "SIGNAL", "SENDER", "EXE", "COMMAND", "LINE", "USER", "LOGIN", "TTY", "TARGET", "RESULT",
    ]  # fmt: skip


def test_table_of_what_is_not_known():
    nobody = {"id": None, "name": None}
    line = _incident.table(
        [
            row(
                host=None, node="n1", sender_exe=None, sender_cmdline=None, sender_uid={"id": 7, "name": None}, sender_auid=nobody,
                sender_tty=None, target_pid=None, target_comm=None, result="ESRCH",
            )
        ]
    )[1]  # fmt: skip
    assert line.split() == "2026-11-23 10:41:12.834Z n1 SIGKILL 2863 bash - - 7 - - ? ESRCH".split()


def test_table_escapes_and_cuts():
    line = _incident.table([row(sender_comm="\x1b[2J\u202e", sender_cmdline=["x\ny", "long" * 30], host="h\u200b")])[1]
    assert line.isprintable()
    assert "2863 \\x1b[2J\\u202e" in line
    assert "h\\u200b" in line
    assert "'x\\ny' longlong" in line
    assert "…" in line
    assert len(line) < 230


def test_csv_row_is_whole_and_inert():
    long = "long" * 1000
    cells = dict(zip(_incident.CSV_COLUMNS, _incident.csv_row(row(sender_comm="=1+1", sender_cmdline=["a\nb", long]), "own")))
    assert len(cells) == len(_incident.csv_row(row(), None))
    assert cells["sender_comm"] == "'=1+1"
    assert cells["sender_command_line"] == f"'a\\nb' {long}"
    assert (cells["sender_uid"], cells["sender_user"], cells["sender_login_uid"], cells["sender_login_user"]) == ("0", "root", "1000", "alice")
    assert (cells["target_pid"], cells["target_uid"], cells["target_user"]) == ("2862", "33", "")
    assert (cells["signal"], cells["signal_number"], cells["event"], cells["set_apart"]) == ("SIGKILL", "9", "1795430472.834:8", "own")
    assert cells["node"] == ""
