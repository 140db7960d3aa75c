# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an incident asks for, which signals answer it, and how they are shown.

This file is private to the collection: it can change without notice.

A row is one signal from one sender to one target, as the filter ``signals`` makes it.
"""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _text as record_text

from . import _text

Row = t.Mapping[str, t.Any]

# Linux keeps this many bytes of a process's name in an audit record.
_COMM_BYTES = 15

_COLUMNS: t.Sequence[tuple[str, int]] = (
    ("TIME (UTC)", 24),
    ("HOST", 24),
    ("SIGNAL", 10),
    ("SENDER", 24),
    ("EXE", -28),
    ("COMMAND LINE", 44),
    ("USER", 12),
    ("LOGIN", 12),
    ("TTY", 8),
    ("TARGET", 24),
    ("RESULT", 8),
)

CSV_COLUMNS = (
    "time",
    "host",
    "node",
    "event",
    "signal",
    "signal_number",
    "syscall",
    "abi",
    "sender_pid",
    "sender_ppid",
    "sender_comm",
    "sender_exe",
    "sender_command_line",
    "sender_uid",
    "sender_user",
    "sender_login_uid",
    "sender_login_user",
    "sender_tty",
    "sender_session",
    "target_pid",
    "target_comm",
    "target_uid",
    "target_user",
    "result",
    "set_apart",
)


class Wanted(t.NamedTuple):
    """Which signals are asked for; an empty field asks for all."""

    process: str = ""
    signals: frozenset[int] = frozenset()
    sender: str = ""

    def takes(self, row: Row) -> bool:
        """Tell whether ``row`` is asked for."""
        if self.signals and row["signal"]["number"] not in self.signals:
            return False
        if self.sender and not _is_sender(row["sender"], self.sender):
            return False
        return not self.process or _is_process(row["target"], self.process)


def comm(process: str) -> str:
    """Return the name that audit records have of ``process``, a name or path."""
    return record_text.escape(process.rsplit("/", 1)[-1].encode("utf-8", "surrogateescape")[:_COMM_BYTES])


def _is_process(target: t.Mapping[str, t.Any], process: str) -> bool:
    if process.isdecimal():
        return bool(target["pid"] == int(process))
    return bool(target["comm"] == comm(process))


def _is_sender(sender: t.Mapping[str, t.Any], process: str) -> bool:
    return bool(sender["exe"] == process) if "/" in process else _is_process(sender, process)


class Processes:
    """The processes of all hosts as far as events name them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str | None, int], tuple[int | None, str | None]] = {}

    def add(self, host: str | None, process: t.Mapping[str, t.Any]) -> None:
        """Remember the ``process`` of an event of ``host``."""
        if process.get("pid") is not None:
            self._seen[host, process["pid"]] = (process.get("ppid"), process.get("comm"))

    def parent(self, host: str | None, pid: int | None) -> int | None:
        """Return the parent of ``pid``, None when no event told it."""
        return None if pid is None else self._seen.get((host, pid), (None, None))[0]

    def ancestry(self, row: Row) -> list[dict[str, t.Any]]:
        """Return the sender's parents, the nearest first, as ``{pid, comm}``.

        The chain ends with the first parent that sent nothing itself: only its PID is known.
        """
        chain: list[dict[str, t.Any]] = []
        passed = {row["sender"]["pid"]}
        pid = row["sender"]["ppid"]
        while pid and pid not in passed:
            passed.add(pid)
            parent, comm = self._seen.get((row["host"], pid), (None, None))
            chain.append({"pid": pid, "comm": comm})
            pid = parent
        return chain


def noise(row: Row, processes: Processes, wanted: Wanted) -> str | None:
    """Return under which name of the catalogue's ``noise_NAME`` the row is set apart, None when it is not.

    When the victim or the sender is named, anything else may be the answer, so that only probes
    are set apart.
    """
    if row["signal"]["number"] == 0:
        return "probe"
    if wanted.process or wanted.sender:
        return None
    sender, target = row["sender"]["pid"], row["target"]["pid"]
    if sender is not None and sender == target:
        return "own"
    if sender == 1:
        return "init"
    if target is not None and sender is not None and processes.parent(row["host"], target) == sender:
        return "child"
    return None


def _name(user: t.Mapping[str, t.Any] | None) -> str:
    if not user:
        return "-"
    if user.get("name") is not None:
        return str(user["name"])
    return "-" if user.get("id") is None else str(user["id"])


def _process(process: t.Mapping[str, t.Any]) -> str:
    pid = "?" if process["pid"] is None else str(process["pid"])
    return pid if process["comm"] is None else f"{pid} {process['comm']}"


def _command_line(sender: t.Mapping[str, t.Any]) -> str | None:
    return None if sender["cmdline"] is None else shlex.join(sender["cmdline"])


def table(rows: t.Iterable[Row]) -> list[str]:
    """Return the lines of the incident's table."""
    cells = (
        (
            row["time"].replace("T", " "),
            row["host"] or row["node"] or "-",
            row["signal"]["name"],
            _process(row["sender"]),
            row["sender"]["exe"] or "-",
            _command_line(row["sender"]) or "-",
            _name(row["sender"]["uid"]),
            _name(row["sender"]["auid"]),
            row["sender"]["tty"] or "-",
            _process(row["target"]),
            row["result"],
        )
        for row in rows
    )
    names, limits = zip(*_COLUMNS)
    return _text.table(names, cells, limits)


def _user(user: t.Mapping[str, t.Any] | None) -> tuple[t.Any, t.Any]:
    return (user.get("id"), user.get("name")) if user else (None, None)


def csv_row(row: Row, set_apart: str | None) -> list[str]:
    """Return the cells of ``row`` for :data:`CSV_COLUMNS`."""
    sender, target = row["sender"], row["target"]
    values = (
        row["time"],
        row["host"],
        row["node"],
        row["id"],
        row["signal"]["name"],
        row["signal"]["number"],
        row["syscall"],
        row["abi"],
        sender["pid"],
        sender["ppid"],
        sender["comm"],
        sender["exe"],
        _command_line(sender),
        *_user(sender["uid"]),
        *_user(sender["auid"]),
        sender["tty"],
        sender["session"],
        target["pid"],
        target["comm"],
        *_user(target["uid"]),
        row["result"],
        set_apart,
    )
    return [_text.csv_cell(value) for value in values]


class Groups:
    """Signals counted by sender, signal, victim and result, over all hosts."""

    def __init__(self) -> None:
        self._groups: dict[tuple[t.Any, ...], dict[str, t.Any]] = {}

    def add(self, row: Row) -> None:
        """Count ``row``; rows come in the order of their time."""
        sender, target = row["sender"], row["target"]
        who = {
            "comm": sender["comm"],
            "exe": sender["exe"],
            "user": _name(sender["uid"]),
            "login": _name(sender["auid"]),
            "tty": sender["tty"],
            "session": sender["session"],
            "signal": row["signal"]["name"],
            "victim": target["comm"],
            "result": row["result"],
        }
        group = self._groups.setdefault(
            tuple(who.values()), {**who, "count": 0, "hosts": set(), "first": row["time"], "example": row}
        )
        group["count"] += 1
        group["hosts"].add(row["host"])
        group["last"] = row["time"]

    def largest(self, limit: int, processes: Processes) -> list[dict[str, t.Any]]:
        """Return the ``limit`` groups with the most rows.

        Each has the number of its ``hosts``, and the ``host`` and ``parents`` of its first row.
        """
        found = sorted(self._groups.values(), key=lambda group: -group["count"])[:limit]
        return [
            {
                **{name: value for name, value in group.items() if name != "example"},
                "host": group["example"]["host"],
                "hosts": len(group["hosts"]),
                "parents": processes.ancestry(group["example"]),
            }
            for group in found
        ]

    def __len__(self) -> int:
        return len(self._groups)


def ancestry_text(chain: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Return parents as text, the nearest first."""
    return " ← ".join(_process(process) for process in chain)


def cells(row: Row) -> dict[str, str]:
    """Return what the table of the report page shows of ``row``, safe to show."""
    shown = {
        "time": row["time"],
        "host": row["host"],
        "signal": row["signal"]["name"],
        "sender": _process(row["sender"]),
        "exe": row["sender"]["exe"] or "",
        "command": _command_line(row["sender"]) or "",
        "user": _name(row["sender"]["uid"]),
        "login": _name(row["sender"]["auid"]),
        "tty": row["sender"]["tty"] or "",
        "victim": _process(row["target"]),
        "result": row["result"],
    }
    return {name: _text.visible(value) for name, value in shown.items()}
