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

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ecs, _signal

from . import _folder, _incident, _page, _text
from ._texts import Texts

PAGE_ROWS = 20_000
"""How many signals report.html has at most: a browser reads all of them at once."""

_LARGEST_GROUPS = 50
_GROUP_LINES = 10
_HOSTS_CELLS = 80
_REASON_CELLS = 200


class Found(t.NamedTuple):
    """What the answers of all hosts hold.

    ``rows`` are the newest of the signals that are not set apart, ``page`` the newest of all with
    their events, both in the order of their time. ``groups`` are the largest of ``group_count``.
    """

    events: int
    signals: int
    set_apart: dict[str, int]
    hosts: int
    rows: list[_incident.Row]
    page: _page.Rows
    groups: list[dict[str, t.Any]]
    group_count: int


def _noted(answers: t.Iterable[_folder.Answer], hosts: t.Iterable[str], texts: Texts) -> list[_folder.Answer]:
    by_host = {answer.host: answer for answer in answers}
    for host in hosts:
        by_host.setdefault(host, _folder.Answer(host, "failed", texts.say("no_answer")))
    return [by_host[host] for host in sorted(by_host)]


def _processes(collected: _folder.Collected) -> _incident.Processes:
    processes = _incident.Processes()
    for event in collected.events():
        processes.add(event["host"], event["process"])
    return processes


def _write_rows(folder: Path, collected: _folder.Collected, wanted: _incident.Wanted, show_noise: bool, limit: int) -> Found:
    processes = _processes(collected)
    groups = _incident.Groups()
    set_apart: collections.Counter[str] = collections.Counter()
    newest: collections.deque[_incident.Row] = collections.deque(maxlen=limit)
    page = _page.Rows(PAGE_ROWS)
    hosts: set[str] = set()
    signals = 0
    with (
        _folder.new_file(folder / "events.ndjson") as events,
        _folder.new_file(folder / "events.ecs.ndjson") as ecs_events,
        _folder.new_file(folder / "signals.csv") as table,
    ):
        writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(_incident.CSV_COLUMNS)
        for event in collected.events():
            events.write(_text.json_line(event))
            ecs_events.write(_text.json_line(_ecs.convert(event, event["host"])))
            for row in _signal.rows(event, event["host"]):
                if not wanted.takes(row):
                    continue
                signals += 1
                reason = _incident.noise(row, processes, wanted)
                writer.writerow(_incident.csv_row(row, reason))
                apart = None if show_noise else reason
                page.add(row, event, apart)
                if apart is not None:
                    set_apart[apart] += 1
                    continue
                newest.append(row)
                groups.add(row)
                hosts.add(row["host"])
    return Found(
        events=len(collected),
        signals=signals,
        set_apart=dict(set_apart.most_common()),
        hosts=len(hosts),
        rows=list(newest),
        page=page,
        groups=groups.largest(_LARGEST_GROUPS, processes),
        group_count=len(groups),
    )


def _searches(answers: t.Iterable[_folder.Answer]) -> list[_folder.Search]:
    return list(dict.fromkeys(answer.search for answer in answers if answer.search is not None))


def _window(answers: t.Iterable[_folder.Answer], texts: Texts) -> str:
    windows = {(search.since, search.until) for search in _searches(answers)}
    if len(windows) != 1:
        return texts.say("different_times")
    since, until = windows.pop()
    bounds = [texts.say("since", since)] if since else []
    bounds += [texts.say("until", until)] if until else []
    return " ".join(bounds) or texts.say("any_time")


def _complete(answers: t.Iterable[_folder.Answer]) -> bool:
    return all(answer.status == "searched" and not answer.truncated and not answer.concerns for answer in answers)


def _shown(found: Found) -> int:
    return found.signals - sum(found.set_apart.values())


def _verdict(found: Found, answers: t.Sequence[_folder.Answer], texts: Texts) -> str:
    shown = _shown(found)
    searched = sum(answer.status == "searched" for answer in answers)
    name = "verdict_found" if shown else "verdict_nothing"
    sentences = [
        texts.say(
            name if searched else "verdict_none_searched",
            signals=texts.count("signals", shown),
            hosts_with=texts.count("hosts", found.hosts),
            hosts=texts.count("hosts", len(answers)),
            searched=searched,
            window=_window(answers, texts),
        )
    ]
    if searched and not _complete(answers):
        sentences.append(texts.say("verdict_incomplete"))
    return _text.visible(" ".join(sentences))


def _host_lines(title: str, entries: t.Iterable[tuple[str, str]], texts: Texts) -> list[str]:
    """Return the lines about hosts, those of which the same is said together, after an empty line and a title."""
    hosts: dict[str, list[str]] = {}
    for host, text in entries:
        hosts.setdefault(text, []).append(host)
    lines = []
    for text, names in hosts.items():
        number = f" ({texts.count('hosts', len(names))})" if len(names) > 1 else ""
        named = _text.cut(_text.visible(", ".join(names)), _HOSTS_CELLS)
        lines.append(f"  {named}{number}: {_text.cut(_text.visible(text), _REASON_CELLS)}")
    return ["", title, *lines] if lines else []


def _group_lines(groups: t.Sequence[t.Mapping[str, t.Any]], texts: Texts) -> list[str]:
    columns = ("count", "signal", "host", "sender", "login", "tty", "victim", "result", "parents")
    header = [texts.page[name].upper() for name in columns]
    rows = (
        (
            str(group["count"]),
            group["signal"],
            texts.hosts_of(group),
            group["exe"] or group["comm"] or "-",
            group["login"],
            group["tty"] or "-",
            group["victim"] or "-",
            group["result"],
            _incident.ancestry_text(group["parents"]),
        )
        for group in groups
    )
    return _text.table(header, rows, (8, 10, 24, -28, 12, 8, 16, 8, 40))


def _lines(folder: Path, found: Found, answers: t.Sequence[_folder.Answer], texts: Texts) -> list[str]:
    lines = [_verdict(found, answers, texts)]
    unseen = _shown(found) - len(found.rows)
    if unseen:
        first, last = min(group["first"] for group in found.groups), max(group["last"] for group in found.groups)
        lines += ["", texts.say("grouped", first=first, last=last), *_group_lines(found.groups[:_GROUP_LINES], texts)]
    if found.rows:
        lines += ["", *_incident.table(found.rows)]
    if unseen:
        lines.append(texts.say("older", unseen))
    if found.set_apart:
        lines += ["", texts.say("noise_title")]
        lines += [f"  {texts.say(f'noise_{reason}', count)}" for reason, count in found.set_apart.items()]
    lines += _host_lines(
        texts.say("not_searched_title"),
        ((answer.host, f"{texts.say(f'status_{answer.status}')}: {answer.reason}") for answer in answers if answer.status != "searched"),
        texts,
    )
    lines += _host_lines(
        texts.say("truncated_title"), ((answer.host, texts.say("truncated")) for answer in answers if answer.truncated), texts
    )
    lines += _host_lines(
        texts.say("concerns_title"),
        ((answer.host, texts.say(f"concern_{code}", detail)) for answer in answers for code, detail in answer.concerns),
        texts,
    )
    return [*lines, "", texts.say("written", _text.visible(str(folder)))]


def write(
    folder: Path,
    hosts: t.Iterable[str],
    wanted: _incident.Wanted,
    show_noise: bool = False,
    limit: int = 100,
) -> tuple[dict[str, t.Any], list[str]]:
    """Write the report's files into ``folder`` from what it has collected.

    They are events.ndjson, events.ecs.ndjson, signals.csv, summary.json and report.html. ``hosts`` are those that were
    asked: one without an answer is named as not searched. At most ``limit`` signals, the newest, are
    shown on the terminal. Returns the summary and the lines for the terminal, which are safe to print.
    """
    texts = Texts()
    _folder.end_progress(folder)
    collected = _folder.Collected(folder)
    found = _write_rows(folder, collected, wanted, show_noise, limit)
    answers = _noted(collected.answers, hosts, texts)
    summary = {
        "verdict": _verdict(found, answers, texts),
        "complete": _complete(answers),
        "searches": [search._asdict() for search in _searches(answers)],
        "events": found.events,
        "signals": found.signals,
        "set_apart": found.set_apart,
        "groups": found.groups,
        "group_count": found.group_count,
        "hosts": [answer.as_dict() for answer in answers],
    }
    with _folder.new_file(folder / "summary.json") as file:
        json.dump(summary, file, indent=2)
        file.write("\n")
    with _folder.new_file(folder / "report.html") as file:
        file.write(_page.html(summary, answers, found.page, texts))
    return summary, _lines(folder, found, answers, texts)
