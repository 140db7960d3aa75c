# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of the hosts' answers: the files of an incident and its lines on the terminal.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import collections
import csv
import json
import typing as t
from pathlib import Path

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal

from . import _folder, _incident, _text

_HOSTS_CELLS = 80
_REASON_CELLS = 200
_NO_ANSWER = "gave no answer: it failed or was left out before the search"


class Found(t.NamedTuple):
    """What the answers of all hosts hold.

    ``rows`` are the newest of the signals that are not set apart, in the order of their time.
    """

    events: int
    signals: int
    set_apart: collections.Counter[str]
    rows: list[_incident.Row]
    hosts: list[str]


def _noted(answers: t.Iterable[_folder.Answer], hosts: t.Iterable[str]) -> list[_folder.Answer]:
    by_host = {answer.host: answer for answer in answers}
    for host in hosts:
        by_host.setdefault(host, _folder.Answer(host, "failed", _NO_ANSWER))
    return [by_host[host] for host in sorted(by_host)]


def _processes(collected: _folder.Collected) -> _incident.Processes:
    processes = _incident.Processes()
    for event in collected.events():
        processes.add(event["host"], event["process"])
    return processes


def _write_rows(
    folder: Path, collected: _folder.Collected, wanted: _incident.Wanted, show_noise: bool, limit: int
) -> Found:
    processes = _processes(collected)
    set_apart: collections.Counter[str] = collections.Counter()
    newest: collections.deque[_incident.Row] = collections.deque(maxlen=limit)
    hosts: set[str] = set()
    signals = 0
    with _folder.new_file(folder / "events.ndjson") as events, _folder.new_file(folder / "signals.csv") as table:
        writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(_incident.CSV_COLUMNS)
        for event in collected.events():
            events.write(_text.json_line(event))
            for row in _signal.rows(event, event["host"]):
                if not wanted.takes(row):
                    continue
                signals += 1
                reason = _incident.noise(row, processes, wanted)
                writer.writerow(_incident.csv_row(row, reason))
                if reason is not None and not show_noise:
                    set_apart[reason] += 1
                    continue
                newest.append(row)
                hosts.add(row["host"])
    return Found(len(collected), signals, set_apart, list(newest), sorted(hosts))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _searches(answers: t.Iterable[_folder.Answer]) -> list[_folder.Search]:
    return list(dict.fromkeys(answer.search for answer in answers if answer.search is not None))


def _window(answers: t.Iterable[_folder.Answer]) -> str:
    windows = {(search.since, search.until) for search in _searches(answers)}
    if len(windows) != 1:
        return "within different times"
    since, until = windows.pop()
    bounds = [f"since {since}"] if since else []
    bounds += [f"until {until}"] if until else []
    return " ".join(bounds) or "at any time"


def _verdict(found: Found, answers: t.Sequence[_folder.Answer]) -> str:
    shown = found.signals - found.set_apart.total()
    searched = sum(answer.status == "searched" for answer in answers)
    doubtful = any(answer.truncated or answer.concerns for answer in answers)
    if not searched:
        return f"No answer: none of {_count(len(answers), 'host')} could be searched."
    text = f"{_count(shown, 'signal')} on {_count(len(found.hosts), 'host')}" if shown else "No signal found"
    text += f", {_window(answers)}, in the logs of {searched} of {_count(len(answers), 'host')}."
    if searched < len(answers) or doubtful:
        text += " The search is not complete: see below."
    return text


def _host_lines(title: str, entries: t.Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines about hosts, those of which the same is said together, after an empty line and a title."""
    hosts: dict[str, list[str]] = {}
    for host, text in entries:
        hosts.setdefault(text, []).append(host)
    lines = []
    for text, names in hosts.items():
        number = f" ({len(names)} hosts)" if len(names) > 1 else ""
        named = _text.cut(_text.visible(", ".join(names)), _HOSTS_CELLS)
        lines.append(f"  {named}{number}: {_text.cut(_text.visible(text), _REASON_CELLS)}")
    return ["", title, *lines] if lines else []


def _lines(folder: Path, found: Found, answers: t.Sequence[_folder.Answer]) -> list[str]:
    lines = [_text.visible(_verdict(found, answers))]
    if found.rows:
        lines += ["", *_incident.table(found.rows)]
    unseen = found.signals - found.set_apart.total() - len(found.rows)
    if unseen:
        lines.append(f"… {unseen} older in signals.csv.")
    if found.set_apart:
        lines += ["", "Set apart, shown with incident_noise=true:"]
        lines += [f"  {line}" for line in _incident.noise_lines(found.set_apart)]
    lines += _host_lines(
        "Hosts not searched:",
        ((answer.host, f"{answer.status}: {answer.reason}") for answer in answers if answer.status != "searched"),
    )
    lines += _host_lines(
        "Hosts with more events than incident_limit:",
        ((answer.host, "the oldest were searched") for answer in answers if answer.truncated),
    )
    lines += _host_lines(
        "Hosts whose log may lack events:",
        ((answer.host, concern) for answer in answers for concern in answer.concerns),
    )
    return [*lines, "", f"Written to {_text.visible(str(folder))}: events.ndjson, signals.csv, summary.json"]


def _summary(found: Found, answers: t.Sequence[_folder.Answer], verdict: str) -> dict[str, t.Any]:
    return {
        "verdict": verdict,
        "complete": all(answer.status == "searched" and not answer.truncated and not answer.concerns for answer in answers),
        "searches": [search._asdict() for search in _searches(answers)],
        "events": found.events,
        "signals": found.signals,
        "set_apart": dict(found.set_apart),
        "hosts": [answer.as_dict() for answer in answers],
    }


def write(
    folder: Path,
    hosts: t.Iterable[str],
    wanted: _incident.Wanted,
    show_noise: bool = False,
    limit: int = 100,
) -> tuple[dict[str, t.Any], list[str]]:
    """Write events.ndjson, signals.csv and summary.json into ``folder`` from what it has collected.

    ``hosts`` are those that were asked: one without an answer is named as not searched.
    At most ``limit`` signals, the newest, are shown.
    Returns the summary and the lines for the terminal, which are safe to print.
    """
    collected = _folder.Collected(folder)
    found = _write_rows(folder, collected, wanted, show_noise, limit)
    answers = _noted(collected.answers, hosts)
    summary = _summary(found, answers, _verdict(found, answers))
    with _folder.new_file(folder / "summary.json") as file:
        json.dump(summary, file, indent=2)
        file.write("\n")
    return summary, _lines(folder, found, answers)
