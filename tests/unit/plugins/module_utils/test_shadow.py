# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _rule, _shadow

NAMES = _rule.Names("x86_64")
OURS = "-a always,exit -F arch=b64 -S kill -S tkill -F a1=9 -k ours"


def number(name):
    return _abi.syscall_number("x86_64", name)


@pytest.mark.parametrize(
    "earlier, syscalls",
    [
        ("-a always,exit -F arch=b64 -S kill -F a1=9 -k theirs", ["kill"]),
        ("-a always,exit -F arch=b64 -S kill,tkill,tgkill -k theirs", ["kill", "tkill"]),
        ("-a never,exit -F arch=b64 -S tkill", ["tkill"]),
        ("-a never,exit -F arch=b64 -S tkill -k ours", ["tkill"]),
        ("-a always,exit -F arch=b64 -S all -k theirs", []),
        ("-a never,exit -S all", []),
    ],
)
def test_an_earlier_rule_takes_events(earlier, syscalls):
    taken = _shadow.taken(_rule.parse(earlier, NAMES), _rule.parse(OURS, NAMES))
    assert taken == {number(name) for name in syscalls}


@pytest.mark.parametrize(
    "earlier",
    [
        "-a always,exit -F arch=b32 -S kill -k theirs",
        "-a always,exit -F arch=b64 -S tgkill -k theirs",
        "-a always,exit -F arch=b64 -S kill -F auid>=1000 -k theirs",
        "-a always,exit -F arch=b64 -S kill -F a1=15 -k theirs",
        "-a always,exit -F arch=b64 -S kill -k theirs -k ours",
        "-a never,user -F uid=1",
        "-w /etc/passwd -p wa -k theirs",
    ],
)
def test_an_earlier_rule_that_lets_ours_be(earlier):
    assert _shadow.taken(_rule.parse(earlier, NAMES), _rule.parse(OURS, NAMES)) is None


def test_what_is_said():
    ours = _rule.parse(OURS, NAMES)
    line = "-a always,exit -F arch=b64 -S kill,tkill -F key=theirs"
    theirs = _rule.parse(line, NAMES)
    said = _shadow.sentence(theirs, line, ours, _shadow.taken(theirs, ours))
    assert said == 'The rule "{0}" stands before ours: kill, tkill (x86_64) is logged under theirs, not under ours.'.format(line)
    never = _rule.parse("-a never,exit -S all", NAMES)
    said = _shadow.sentence(never, "-a never,exit -S all", ours, _shadow.taken(never, ours))
    assert said == 'The rule "-a never,exit -S all" stands before ours: it keeps all syscalls (x86_64) from being logged.'
