# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _health

FINE = {"enabled": 1, "pid": 812, "lost": 0}
RULE = "-a always,exit -F arch=b64 -S kill,tkill -F key=signal_send"


@pytest.mark.parametrize(
    "keys, status, rules, expected",
    [
        (["signal_send"], FINE, [RULE], []),
        ([], FINE, [], []),
        (["etc"], FINE, ["-w /etc/passwd -p wa -k etc"], []),
        (["signal_send"], {**FINE, "enabled": 2}, [RULE], []),
        (["signal_send"], {**FINE, "enabled": 0}, [RULE], [("off", "")]),
        (["signal_send"], {**FINE, "pid": 0}, [RULE], [("no_daemon", "")]),
        (["signal_send"], {**FINE, "lost": 7}, [RULE], [("lost", "7")]),
        (["signal_send"], FINE, [RULE + "2"], [("no_rule", "signal_send")]),
        (["b", "a"], FINE, [], [("no_rule", "a, b")]),
        (
            ["signal_send"],
            FINE,
            [RULE, "-a never,task"],
            [("never_task", "-a never,task")],
        ),
        (["signal_send"], FINE, [RULE, "-a task,never -F uid=0"], [("never_task", "-a task,never -F uid=0")]),
    ],
)
def test_concerns(keys, status, rules, expected):
    assert _health.concerns(keys, status, rules) == expected


def test_every_reason_is_told():
    assert len(_health.concerns(["k"], {"enabled": 0, "pid": 0, "lost": 1}, ["-a never,task"])) == 5


@pytest.mark.parametrize(
    "start, begins, expected",
    [
        (None, "2026-11-23T10:00:00.000Z", []),
        ("2026-11-23T10:00:00.000Z", "2026-11-23T10:00:00.000Z", []),
        ("2026-11-23T09:59:59.999Z", "2026-11-23T10:00:00.000Z", [("late", "2026-11-23T10:00:00.000Z")]),
        ("2026-11-23T09:59:59.999Z", None, [("empty", "")]),
        (None, None, [("empty", "")]),
    ],
)
def test_late_log(start, begins, expected):
    assert _health.late_log(start, begins) == expected


def test_damage():
    assert _health.damage(0) == []
    assert _health.damage(3) == [("damaged", "3")]
