# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _folder, _page, _texts

HOSTILE = "</script><script>alert(1)</script><!-- @@SCRIPTS@@ \u202e"
SEARCH = {"keys": ["signal_send"], "since": None, "until": None, "process": "nginx\x1b", "signals": ["KILL"], "sender": "bash"}
SUMMARY = {"verdict": "1 signal <b>", "complete": False, "groups": [], "group_count": 0, "searches": [SEARCH]}
ROW = {
    "time": "2026-11-23T10:41:12.834Z",
    "host": "web1",
    "signal": {"number": 9, "name": "SIGKILL"},
    "sender": {
        "pid": 2863,
        "comm": HOSTILE,
        "exe": "/usr/bin/bash",
        "cmdline": [HOSTILE],
        "uid": {"id": 0, "name": "root"},
        "auid": {"id": 1000, "name": "alice"},
        "tty": None,
    },
    "target": {"pid": 2862, "comm": "sleep"},
    "result": "ok",
}


def made(rows=None, answers=()):
    return _page.html(SUMMARY, answers, rows or _page.Rows(10), _texts.Texts())


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def scripts(page):
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def rows_of(*events):
    rows = _page.Rows(10)
    for event in events:
        rows.add(ROW, event, None)
    return rows


def test_only_its_own_scripts_may_run():
    page = made(rows_of({"comm": HOSTILE}))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    hashes = ["'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'" for script in scripts(page)]
    assert len(hashes) == 3
    assert f"script-src {' '.join(hashes)};" in policy
    assert policy.startswith("default-src 'none';")


def test_nothing_is_fetched():
    page = made()
    assert "sourceMappingURL" not in page
    for script in scripts(page):
        page = page.replace(script, "")
    assert not re.search(r"<(?:link|img|iframe|script[^>]* src)|@import|url\(|https?:", page)


def test_hostile_text_stays_data():
    page = made(rows_of({"comm": HOSTILE}))
    assert "alert(1)</script>" not in page
    assert data(page)["events"] == [{"comm": HOSTILE}]
    assert data(page)["rows"][0]["sender"] == "2863 </script><script>alert(1)</script><!-- @@SCRIPTS@@ \\u202e"
    assert page.count('id="data"') == 1
    assert '<p id="verdict">1 signal &lt;b&gt;</p>' in page


def test_events_are_there_once_and_without_what_is_empty():
    event = {"id": "1.2:3", "node": None, "paths": [], "user": {"uid": {"id": 0, "name": None}}, "targets": [{"pid": 1, "uid": {"id": None}}]}
    found = data(made(rows_of(event, event, {"id": "1.2:4"})))
    assert found["events"] == [{"id": "1.2:3", "user": {"uid": {"id": 0}}, "targets": [{"pid": 1}]}, {"id": "1.2:4"}]
    assert [row["event"] for row in found["rows"]] == [0, 0, 1]


def test_the_newest_rows():
    rows = _page.Rows(2)
    for number in range(3):
        rows.add(ROW, {"id": str(number)}, "probe" if number == 2 else None)
    found = rows.as_dict()
    assert (found["total"], len(found["rows"]), found["events"]) == (3, 2, [{"id": "1"}, {"id": "2"}])
    assert [row["noise"] for row in found["rows"]] == [None, "probe"]


def test_hosts_and_how_it_was_made():
    answers = [
        _folder.Answer("web1\x1b", "searched", truncated=True, concerns=(("lost", "3"),)),
        _folder.Answer("web2", "unreachable", "timed out\n"),
        _folder.Answer("web3", "searched"),
    ]
    found = data(made(answers=answers))
    assert found["hosts"] == [
        {
            "host": "web1\\x1b",
            "status": "searched",
            "fine": False,
            "searched": True,
            "remarks": ["3 records were lost since the host was started", "only the newest are here"],
        },
        {"host": "web2", "status": "unreachable", "fine": False, "searched": False, "remarks": ["timed out\\n"]},
        {"host": "web3", "status": "searched", "fine": True, "searched": True, "remarks": []},
    ]
    assert found["searches"] == [["Keys searched: signal_send", "Victim: nginx\\x1b", "Sender: bash", "Signals: KILL"]]


def test_every_text_that_the_page_uses_is_in_the_catalogue():
    script = (_texts.ASSETS / "report.js").read_text(encoding="utf-8")
    used = set(re.findall(r"texts\.(\w+)", script)) | set(re.findall(r'labelled\("\w+", "(\w+)"', script))
    used |= {name for names in re.findall(r"(?:COLUMNS|columns) = \[([^\]]*)\]", script) for name in re.findall(r'"(\w+)"', names)}
    assert used
    assert used <= set(_texts.Texts().page)


@pytest.mark.parametrize("line", [line for line in (_texts.ASSETS / "libraries/README.md").read_text().splitlines() if "| " in line and ".min." in line])
def test_libraries_are_as_published(line):
    name, _package, expected = line.strip("| ").split(" | ")
    assert hashlib.sha256((_texts.ASSETS / "libraries" / name).read_bytes()).hexdigest() == expected
