# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A search in the audit log of a host without Python.

This file is private to the collection: it can change without notice.

Two scripts: the first asks for the host's time and for what its ausearch can do, the second
searches. What ausearch can't test is tested here.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ausearch, _collect, _event, _kernel, _select, _stream, _time

from . import _health, _raw_host, _raw_shell

BYTES = 8 << 20
"""How much of what ausearch prints for one key is brought here, the newest."""

_ASK = r"""
mark now; date +%s
mark boot; sed -n 's/^btime //p' /proc/stat
mark zone
if [ -n "${TZ:-}" ]; then echo "$TZ"; else tail -n 1 /etc/localtime 2>/dev/null | tr -d '\0'; fi
mark offset; date +%z
if command -v ausearch >/dev/null; then mark help; ausearch --help 2>&1 </dev/null; fi
if command -v auditctl >/dev/null; then c status auditctl -s; c rules auditctl -l; fi
mark user; id -u
log=$(sed -n 's/^[ ]*log_file[ ]*=[ ]*//p' /etc/audit/auditd.conf 2>/dev/null | head -n 1)
log=${log:-/var/log/audit/audit.log}
n=1
while [ -f "$log.$n" ]; do n=$((n + 1)); done
[ $n -eq 1 ] || log=$log.$((n - 1))
for x in INPUT; do mark "begins $x"; head -n 1 "$x" 2>/dev/null | cut -c1-200; done
"""
_FUNCTIONS = r"""
s() {
  n=$1; shift
  mark "found $n"
  error=$({ { "$@" </dev/null; printf '\nexit %s\n' $?; } | tail -c BYTES >&3; } 2>&1)
  mark "error $n"; printf '%s\n' "$error" | head -n 20
}
"""
_ZONE = re.compile(r"[A-Za-z0-9<>+,./:_-]{1,100}").fullmatch
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)").fullmatch
_FIRST = re.compile(r"msg=audit\((\d{1,18})\.(\d{3}):")
_EXIT = re.compile(r"\n?exit (\d+)\n?\Z")
_NOTES = ("NOTE - ", "<no matches>")


class SearchError(Exception):
    """The host can't be searched as asked."""


class Search(t.NamedTuple):
    """What to look for, in the words of the module ausearch's options."""

    keys: list[str]
    start: str | None
    end: str | None
    limit: int
    input_files: list[str]
    wanted: dict[str, list[str]]


class Searched(t.NamedTuple):
    """The newest events, the oldest first, with what the incident's folder wants to know of the search."""

    events: list[dict[str, t.Any]]
    truncated: bool
    concerns: list[_health.Concern]


def ask(search: Search) -> _raw_shell.Script:
    """Return the script that asks the host about itself."""
    files = " ".join(map(shlex.quote, search.input_files)) or '"$log"'
    return _raw_shell.Script.of(_raw_host.FUNCTIONS + _raw_host.NAMES + _ASK.replace("INPUT", files))


def _zone(sections: t.Mapping[str, str]) -> str:
    named = sections["zone"].strip()
    if _ZONE(named):
        return named
    offset = _OFFSET(sections["offset"].strip())
    if offset is None:
        return "UTC0"
    sign = "-" if offset.group(1) == "+" else "+"  # POSIX counts westwards.
    return f"<{offset.group(0)}>{sign}{offset.group(2)}:{offset.group(3)}"


@contextlib.contextmanager
def _time_zone(name: str) -> t.Iterator[None]:
    """Have the local time of a host: what a user writes without a zone is meant there."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


class Query:
    """A search on one host, from what the host told about itself. Raises SearchError for what can't be asked."""

    def __init__(self, search: Search, told: t.Mapping[str, str]) -> None:
        if "help" not in told:
            raise SearchError("ausearch is not installed; it comes with the package audit (RHEL, Fedora, SUSE) or auditd (Debian, Ubuntu)")
        self._search = search
        self._told = told
        self._options = _ausearch.options(told["help"])
        self._start = self._moment("start", search.start)
        self._end = self._moment("end", search.end)
        self._plans = [self._plan(key) for key in search.keys] or [self._plan(None)]

    def _moment(self, name: str, text: str | None) -> int | None:
        if text is None:
            return None
        boot = self._told["boot"].strip()
        with _time_zone(_zone(self._told)):
            try:
                return _time.parse(text, float(self._told["now"]), float(boot) if boot else None, end=name == "end")
            except ValueError as error:
                raise SearchError(f"{name}: {error}") from error

    def _plan(self, key: str | None) -> _select.Plan:
        try:
            return _select.plan({**({"keys": [key]} if key else {}), **self._search.wanted}, True, self._options)
        except ValueError as error:
            raise SearchError(str(error)) from error

    def _arguments(self, plan: _select.Plan, path: str | None) -> list[str]:
        arguments = ["ausearch", "--raw" if "--raw" in self._options else "-r"]
        if self._start is not None:
            arguments += ["-ts", *_time.for_ausearch(self._start)]
        if self._end is not None:
            arguments += ["-te", *_time.for_ausearch(self._end)]
        # Without it some versions read their standard input in place of the log.
        logs = ["-if", path] if path else ["--input-logs"] if "--input-logs" in self._options else []
        return arguments + plan.arguments + logs

    def _runs(self) -> t.Iterator[tuple[str, _select.Plan, str | None]]:
        for number, plan in enumerate(self._plans):
            for at, path in enumerate(self._search.input_files or [None]):
                yield f"{number}.{at}", plan, path

    def script(self) -> _raw_shell.Script:
        """Return the script that searches; the output is bounded by BYTES for each key and file."""
        lines = ["TZ=UTC0; export TZ", _FUNCTIONS.replace("BYTES", str(BYTES))]
        lines += [shlex.join(["s", name, *self._arguments(plan, path)]) for name, plan, path in self._runs()]
        return _raw_shell.Script.of("\n".join(lines))

    def read(self, printed: t.Mapping[str, str]) -> Searched:
        """Read what the script printed. Raises SearchError with what ausearch said when it refused to search."""
        malformed = _stream.Malformed()
        decoder = _event.Decoder(self._name)
        collector = _collect.Collector(self._search.limit, True)
        window = _select.window(self._start, self._end)
        seen: set[tuple[str | None, str]] = set()
        cut = False
        for name, plan, _path in self._runs():
            text, whole = _output(printed[f"found {name}"], printed[f"error {name}"])
            cut = cut or not whole
            tests = plan.tests + ([window] if window else [])
            for event in _stream.sorted_events([text.encode("utf-8", "surrogateescape")], decoder, malformed):
                identity = (event.node(), event.id())
                if identity not in seen and all(test(event) for test in tests):
                    seen.add(identity)
                    collector.add(event)
        events = [event.as_dict(records=True) for event in reversed(collector.events())]
        return Searched(events, cut or collector.truncated, self._concerns() + _health.damage(malformed.count))

    def _name(self, kind: str, number: int) -> str | None:
        table = _raw_host.numbers(self._told["users" if kind == "uid" else "groups"])
        return next((name for name, known in table.items() if known == number), None)

    def _concerns(self) -> list[_health.Concern]:
        begins = [_FIRST.search(text) for name, text in self._told.items() if name.startswith("begins ")]
        first = min((int(found.group(1)) * 1000 + int(found.group(2)) for found in begins if found), default=None)
        late = _health.late_log(*(None if moment is None else _event.iso(moment) for moment in (self._start, first)))
        return late if self._search.input_files else self._state() + late

    def _state(self) -> list[_health.Concern]:
        status, rules = (_raw_host.ran(self._told, name) for name in ("status", "rules"))
        if status is None or rules is None:
            return [("unknown", "auditctl is not installed")]
        try:
            now = _kernel.read_status(*status, self._told["user"].strip() == "0")
        except _kernel.KernelError as error:
            return [("unknown", str(error))]
        return _health.concerns(self._search.keys, now, rules.out.splitlines())


def _output(text: str, error: str) -> tuple[str, bool]:
    """Return the records, and whether that is all that ausearch printed."""
    ended = _EXIT.search(text)
    code = int(ended.group(1)) if ended else 0
    records = text[: ended.start() + 1] if ended else text
    said = "; ".join(line for line in error.splitlines() if line and not line.startswith(_NOTES))
    if code not in (0, 1) or (code == 1 and said and not records.strip()):
        raise SearchError(said or f"ausearch ended with status {code} and said nothing")
    if len(text) < BYTES:
        return records, True
    return records.partition("\n")[2], False
