# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""report.html: one file that needs nothing else, neither beside it nor from a network.

This file is private to the collection: it can change without notice.

The page gets its data as JSON in an element that browsers do not run, and puts it in place as text.
Its content security policy lets only the scripts run whose hashes it names, and forbids every request.
"""

from __future__ import annotations

import base64
import collections
import hashlib
import html as html_text
import json
import re
import typing as t

from . import _folder, _incident, _text
from ._texts import ASSETS, Texts

_SCRIPTS = ("libraries/tabulator.min.js", "libraries/uPlot.iife.min.js", "report.js")
_STYLES = ("libraries/tabulator.min.css", "libraries/uPlot.min.css", "report.css")

_SOURCE_MAP = re.compile(r"^(?://# sourceMappingURL=.*|/\*# sourceMappingURL=.*\*/)$", re.MULTILINE)
_PLACE = re.compile(r"@@([A-Z]+)@@")


class Rows:
    """The newest ``limit`` rows for the page, with the events they come from."""

    def __init__(self, limit: int) -> None:
        self.total = 0
        self._rows: collections.deque[tuple[dict[str, t.Any], _folder.Event]] = collections.deque(maxlen=limit)

    def add(self, row: _incident.Row, event: _folder.Event, set_apart: str | None) -> None:
        """Take ``row`` of ``event``; rows come in the order of their time."""
        self.total += 1
        self._rows.append(({**_incident.cells(row), "noise": set_apart}, event))

    def as_dict(self) -> dict[str, t.Any]:
        """Return the rows, each with the index of its ``event`` among the ``events``."""
        rows: list[dict[str, t.Any]] = []
        events: list[_folder.Event] = []
        last: _folder.Event | None = None
        for row, event in self._rows:
            if event is not last:
                events.append(_without_empty(event))
                last = event
            rows.append({**row, "event": len(events) - 1})
        return {"rows": rows, "events": events, "total": self.total}


def _without_empty(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        kept = {name: _without_empty(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, [], {})}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _asset(name: str) -> str:
    return _SOURCE_MAP.sub("", (ASSETS / name).read_text(encoding="utf-8")).strip()


def _script(source: str) -> str:
    return f"<script>{source}</script>"


def _hash(source: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() + "'"


def _host(answer: _folder.Answer, texts: Texts) -> dict[str, t.Any]:
    remarks = [texts.say(f"concern_{code}", detail) for code, detail in answer.concerns]
    remarks += [texts.say("truncated")] if answer.truncated else []
    remarks += [answer.reason] if answer.reason else []
    return {
        "host": _text.visible(answer.host),
        "status": texts.say(f"status_{answer.status}"),
        "fine": answer.status == "searched" and not remarks,
        "searched": answer.status == "searched",
        "remarks": [_text.visible(remark) for remark in remarks],
    }


def _group(group: t.Mapping[str, t.Any], texts: Texts) -> dict[str, str]:
    shown = {
        **{name: group[name] for name in ("exe", "user", "login", "tty", "session", "signal", "victim", "result", "first", "last")},
        "count": str(group["count"]),
        "host": texts.hosts_of(group),
        "sender": group["comm"],
        "parents": _incident.ancestry_text(group["parents"]),
    }
    return {name: "" if value is None else _text.visible(str(value)) for name, value in shown.items()}


def _search(search: t.Mapping[str, t.Any], texts: Texts) -> list[str]:
    made = texts.page
    lines = [made["made_keys"].format(", ".join(search["keys"]))]
    lines += [made["made_process"].format(search["process"])] if search["process"] else []
    lines += [made["made_sender"].format(search["sender"])] if search["sender"] else []
    lines += [made["made_signals"].format(", ".join(search["signals"]))] if search["signals"] else []
    return [_text.visible(line) for line in lines]


def html(summary: t.Mapping[str, t.Any], answers: t.Iterable[_folder.Answer], rows: Rows, texts: Texts) -> str:
    """Return the page for ``summary``, what summary.json says."""
    data = {
        "texts": texts.page,
        "verdict": summary["verdict"],
        "complete": summary["complete"],
        "groups": [_group(group, texts) for group in summary["groups"]],
        "groupCount": summary["group_count"],
        "hosts": [_host(answer, texts) for answer in answers],
        "searches": [_search(search, texts) for search in summary["searches"]],
        **rows.as_dict(),
    }
    scripts = [_asset(name) for name in _SCRIPTS]
    parts = {
        "LANGUAGE": texts.language,
        "TITLE": html_text.escape(texts.page["title"]),
        "VERDICT": html_text.escape(summary["verdict"]),
        "NOSCRIPT": html_text.escape(texts.page["no_script"]),
        "POLICY": " ".join(map(_hash, scripts)),
        "STYLES": "\n".join(f"<style>{_asset(name)}</style>" for name in _STYLES),
        "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        "SCRIPTS": "\n".join(map(_script, scripts)),
    }
    return _PLACE.sub(lambda place: parts[place.group(1)], _asset("report.html"))
