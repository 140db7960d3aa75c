# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why the log of a host may not hold everything that happened there.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import re
import typing as t

Concern = tuple[str, str]
"""A code, which the catalogue of texts has as ``concern_CODE``, and a detail."""

_KEY = re.compile(r"(?:^| )(?:-k |-F key=)(\S+)")


def _keys(rules: t.Iterable[str]) -> set[str]:
    return {key for rule in rules for key in _KEY.findall(rule)}


def _silences_tasks(rule: str) -> bool:
    return rule.startswith(("-a never,task", "-a task,never"))


def concerns(keys: t.Iterable[str], status: t.Mapping[str, t.Any], rules: t.Collection[str]) -> list[Concern]:
    """Return each reason as ``(code, detail)``, from what ``auditctl -s`` and ``auditctl -l`` show now.

    ``keys`` are those that were searched for.
    """
    found: list[Concern] = []
    if status.get("enabled") == 0:
        found.append(("off", ""))
    if status.get("pid") == 0:
        found.append(("no_daemon", ""))
    missing = sorted(set(keys) - _keys(rules))
    if missing:
        found.append(("no_rule", ", ".join(missing)))
    found += [("never_task", rule) for rule in rules if _silences_tasks(rule)]
    if status.get("lost"):
        found.append(("lost", str(status["lost"])))
    return found


def late_log(start: str | None, begins: str | None) -> list[Concern]:
    """Return a concern about a log that ``begins`` after the ``start`` of the search, or has nothing in it."""
    if begins is None:
        return [("empty", "")]
    return [("late", begins)] if start is not None and begins > start else []


def damage(lines: int) -> list[Concern]:
    """Return a concern about the ``lines`` of the log that could not be read, if there are any."""
    return [("damaged", str(lines))] if lines else []
