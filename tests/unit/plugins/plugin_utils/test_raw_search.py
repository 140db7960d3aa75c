# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import time

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _raw_search

LOG = os.path.join(os.path.dirname(__file__), "../../../data/signals_raw.log")
HELP = "-a,--event x\n-k,--key x\n-p,--pid x\n-ts,--start x\n-w,--word\n-if,--input x\n--input-logs\n--raw\n"
TOLD = {
    "now": "1795430472\n",
    "boot": "1795000000\n",
    "zone": "CET-1CEST,M3.5.0,M10.5.0/3\n",
    "offset": "+0100\n",
    "help": HELP,
    "users": "root:0\nalice:1000\n",
    "groups": "root:0\n",
    "user": "0\n",
    "code status": "0\n",
    "out status": "enabled 1\npid 812\nlost 0\n",
    "error status": "",
    "code rules": "0\n",
    "out rules": "-a always,exit -F arch=b64 -S kill -F key=signal_send\n",
    "error rules": "",
    "begins /var/log/audit/audit.log": "type=DAEMON_START msg=audit(1000000000.123:1): op=start\n",
}


def search(**changes):
    return _raw_search.Search(**{"keys": ["signal_send"], "start": None, "end": None, "limit": 100, "input_files": [], "wanted": {}, **changes})


def log():
    with open(LOG, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def read(text, error="", told=None, **changes):
    return _raw_search.Query(search(**changes), TOLD if told is None else told).read({"found 0.0": text, "error 0.0": error})


def test_ausearch_is_told_to_read_the_log_and_not_its_input():
    script = _raw_search.Query(search(start="2026-11-23 12:00:00"), TOLD).script().text
    assert "s 0.0 ausearch --raw -ts 11/23/26 11:00:00 -w -k signal_send --input-logs" in script
    assert '"$@" </dev/null' in script


def test_a_key_can_not_become_shell():
    script = _raw_search.Query(search(keys=["a;id", "it's"]), TOLD).script().text
    assert "-k 'a;id'" in script
    assert """-k 'it'"'"'s'""" in script


@pytest.mark.parametrize(
    ("zone", "offset", "hour"),
    [("CET-1CEST,M3.5.0,M10.5.0/3", "+0100", "11"), ("", "+0530", "06"), ("$(id)", "-0300", "15"), ("", "?", "12")],
)
def test_local_time_is_the_hosts(zone, offset, hour):
    before = os.environ.get("TZ"), time.timezone
    script = _raw_search.Query(search(start="2026-11-23 12:00:00"), {**TOLD, "zone": zone, "offset": offset}).script().text
    assert f"-ts 11/23/26 {hour}:" in script
    assert (os.environ.get("TZ"), time.timezone) == before


def test_each_event_comes_once_and_only_the_newest_are_kept():
    every = read(log() + log() + "\nexit 0\n", keys=[])
    assert len({event["id"] for event in every.events}) == len(every.events) > 2
    newest = read(log() + "\nexit 0\n", keys=[], limit=2)
    assert newest.events == every.events[-2:]
    assert newest.truncated
    assert not every.truncated


def test_no_match_is_no_error():
    assert read("\nexit 1\n", "<no matches>\n").events == []


def test_what_ausearch_complains_about_is_said():
    with pytest.raises(_raw_search.SearchError, match="Error opening log"):
        read("\nexit 1\n", "Error opening log (Permission denied)\n")
    with pytest.raises(_raw_search.SearchError, match="ausearch is not installed"):
        _raw_search.Query(search(), {name: text for name, text in TOLD.items() if name != "help"})


def test_an_answer_that_was_cut_is_said_to_be():
    text = "cut" + log()
    found = read(text.rjust(_raw_search.BYTES, "x") + "\nexit 0\n", keys=[])
    assert found.truncated
    assert found.events


def test_why_the_log_may_not_hold_everything():
    told = {**TOLD, "out status": "enabled 0\npid 0\nlost 7\n", "out rules": "No rules\n"}
    assert [code for code, _detail in read("\nexit 1\n", told=told, start="900000000").concerns] == ["off", "no_daemon", "no_rule", "lost", "late"]
    assert read("\nexit 1\n").concerns == []
