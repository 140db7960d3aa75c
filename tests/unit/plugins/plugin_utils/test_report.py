# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from ansible_collections.linux_audit.fleet.plugins.filter import parse_events
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _folder, _incident, _report, _texts

DATA = Path(__file__).parents[3] / "data"
SEARCH = _folder.Search(("signal_send",), "1d ago")
EVERYTHING = _incident.Wanted()
HOSTILE = "{{ lookup('pipe','id') }}"


def recorded(name):
    """The events of a recorded log that some rule's key asked for."""
    events = parse_events.parse_events((DATA / name).read_bytes().decode("utf-8", "surrogateescape"))
    return sorted((event for event in events if event["keys"]), key=lambda event: event["time"])


def searched(host, **more):
    return _folder.Answer(host, "searched", search=SEARCH, **more)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "incident"
    _folder.create(path)
    return path


def write(folder, hosts, wanted=EVERYTHING, **more):
    summary, lines = _report.write(folder, hosts, wanted, **more)
    assert all(line.isprintable() for line in lines)
    assert json.loads((folder / "summary.json").read_text()) == json.loads(json.dumps(summary))
    return summary, "\n".join(lines)


def rows(folder):
    with (folder / "signals.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_signal_on_one_host_of_three(folder):
    _folder.store(folder, searched("web1"), recorded("signal_send.log"))
    _folder.store(folder, searched("web2"), [])
    _folder.store(folder, _folder.Answer("web3", "unreachable", "timed out\n\x1b[31m", search=SEARCH), [])
    summary, text = write(folder, ["web1", "web2", "web3"])
    (row,) = [row for row in rows(folder) if row["signal"] == "SIGKILL"]
    assert text.startswith("1 signal on 1 host, since 1d ago, in the logs of 2 of 3 hosts. The search is not complete: see below.")
    for value in (row["sender_pid"], row["sender_comm"], row["sender_exe"], row["target_pid"], row["target_comm"]):
        assert value
        assert value in text
    assert "Hosts not searched:\n  web3: unreachable: timed out\\n\\x1b[31m" in text
    assert summary["complete"] is False


def test_files_are_private(folder):
    _folder.store(folder, searched("web1"), recorded("signal_send.log"))
    write(folder, ["web1"])
    assert sorted(path.name for path in folder.iterdir()) == ["events.ecs.ndjson", "events.ndjson", "hosts", "report.html", "signals.csv", "summary.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()} == {0o600}


def test_signals_of_all_hosts_by_time(folder):
    for host, name in (("old", "signals.log"), ("new", "signal_send.log"), ("raw", "signals_raw.log")):
        _folder.store(folder, searched(host), recorded(name))
    summary, text = write(folder, ["old", "new", "raw"], show_noise=True)
    found = rows(folder)
    assert [row["time"] for row in found] == sorted(row["time"] for row in found)
    assert {row["host"] for row in found} == {"old", "new", "raw"}
    assert summary["signals"] == len(found)
    events = [json.loads(line) for line in (folder / "events.ndjson").read_bytes().split(b"\n")[:-1]]
    assert len(events) == summary["events"]
    assert {event["host"] for event in events} == {"old", "new", "raw"}
    documents = [json.loads(line) for line in (folder / "events.ecs.ndjson").read_bytes().split(b"\n")[:-1]]
    assert [(document["@timestamp"], document["host"]["name"]) for document in documents] == [
        (event["time"], event["node"] or event["host"]) for event in events
    ]
    assert f"{len(found)} signals on 3 hosts" in text


def test_probes_are_counted_but_not_shown(folder):
    _folder.store(folder, searched("web1"), recorded("signals.log"))
    summary, text = write(folder, ["web1"])
    probes = [row for row in rows(folder) if row["signal_number"] == "0"]
    assert summary["set_apart"]["probe"] == len(probes) > 0
    assert {row["set_apart"] for row in probes} == {"probe"}
    assert "Set apart, shown with incident_noise=true:" in text
    assert f"{len(probes)} signal 0, which only asks" in text
    assert f"{summary['signals'] - sum(summary['set_apart'].values())} signals on" in text


def test_hostile_names_of_a_real_log(folder):
    _folder.store(folder, searched("web1"), recorded("signals.log"))
    _summary, text = write(folder, ["web1"])
    assert "\x1b" not in text
    assert "\x1b" not in (folder / "signals.csv").read_text()
    assert (folder / "events.ndjson").read_bytes().isascii()


def test_only_what_is_wanted(folder):
    _folder.store(folder, searched("web1"), recorded("signals.log"))
    summary, _text = write(folder, ["web1"], _incident.Wanted(signals=frozenset({34})))
    assert {row["signal_number"] for row in rows(folder)} == {"34"}
    assert summary["signals"] == 1


def test_the_newest_are_shown(folder):
    _folder.store(folder, searched("web1"), recorded("signals.log"))
    summary, text = write(folder, ["web1"], show_noise=True, limit=2)
    newest = rows(folder)[-2:]
    assert len([line for line in text.split("\n") if line.startswith("2026-")]) == 2
    assert all(row["time"].replace("T", " ") in text for row in newest)
    assert f"… {summary['signals'] - 2} older in signals.csv." in text
    assert "Most frequent, from 2026-11-23T" in text
    assert sum(group["count"] for group in summary["groups"]) == summary["signals"]


def test_every_reason_has_its_text():
    texts = _texts.Texts()
    for code in ("off", "no_daemon", "no_rule", "never_task", "lost", "damaged", "late", "empty", "unknown"):
        assert texts.say(f"concern_{code}", "x")
    for reason in ("probe", "own", "init", "child"):
        assert texts.say(f"noise_{reason}", 3).startswith("3 ")


def test_nothing_found_everywhere(folder):
    _folder.store(folder, searched("web1"), [])
    summary, text = write(folder, ["web1"])
    assert text.startswith("No signal found, since 1d ago, in the logs of 1 of 1 host.\n")
    assert summary["complete"] is True


@pytest.mark.parametrize(
    "more, expected",
    [
        ({"truncated": True}, "Hosts with more events than incident_limit:\n  web1: only the newest are here"),
        ({"concerns": (("lost", "12"),)}, "Hosts whose log may lack events:\n  web1: 12 records were lost since the host was started"),
    ],
)
def test_nothing_found_is_not_clean(folder, more, expected):
    _folder.store(folder, searched("web1", **more), [])
    summary, text = write(folder, ["web1"])
    assert "No signal found" in text
    assert "The search is not complete: see below." in text
    assert expected in text
    assert summary["complete"] is False


def test_no_host_was_searched(folder):
    _folder.store(folder, _folder.Answer("web1", "failed", "no ausearch", search=SEARCH), [])
    _summary, text = write(folder, ["web1", "web2"])
    assert text.startswith("No answer: none of 2 hosts could be searched.")
    assert "web1: failed: no ausearch" in text
    assert "web2: failed: gave no answer" in text


def test_different_windows(folder):
    _folder.store(folder, searched("web1"), [])
    _folder.store(folder, _folder.Answer("web2", "searched", search=SEARCH._replace(since="today")), [])
    assert "within different times" in write(folder, [])[1]


def test_hosts_of_which_the_same_is_said(folder):
    for number in range(100):
        _folder.store(folder, _folder.Answer(f"web{number}", "unreachable", "timed out", search=SEARCH), [])
    _summary, text = write(folder, [])
    (line,) = [line for line in text.split("\n") if "timed out" in line]
    assert line.startswith("  web0, web1, web10, ")
    assert line.endswith("… (100 hosts): unreachable: timed out")


def test_hostile_hosts_and_reasons(folder):
    _folder.store(folder, _folder.Answer(HOSTILE + "\n\x1b[2J", "failed", "x" * 5000, search=SEARCH), [])
    _summary, text = write(folder, [])
    assert HOSTILE + "\\n\\x1b[2J: failed: xxx" in text
    assert all(len(line) < 300 for line in text.split("\n"))


def test_the_same_report_again(folder, tmp_path):
    _folder.store(folder, searched("web1"), recorded("signals.log"))
    first = write(folder, ["web1"])[0]
    again = tmp_path / "again"
    _folder.create(again, folder)
    assert write(again, [])[0] == first
    for name in ("events.ndjson", "events.ecs.ndjson", "report.html", "signals.csv", "summary.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
