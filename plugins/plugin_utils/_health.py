# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why the log of a host may not hold everything that happened there.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import re
import typing as t

_KEY = re.compile(r"(?:^| )(?:-k |-F key=)(\S+)")


def _keys(rules: t.Iterable[str]) -> set[str]:
    return {key for rule in rules for key in _KEY.findall(rule)}


def _silences_tasks(rule: str) -> bool:
    return rule.startswith(("-a never,task", "-a task,never"))


def concerns(keys: t.Iterable[str], status: t.Mapping[str, t.Any], rules: t.Collection[str]) -> list[str]:
    """Return a sentence for each reason, from what ``auditctl -s`` and ``auditctl -l`` show now.

    ``keys`` are those that were searched for.
    """
    found = []
    if status.get("enabled") == 0:
        found.append("auditing is switched off now")
    if status.get("pid") == 0:
        found.append("no audit daemon is running now, so nothing is written to the log")
    missing = sorted(set(keys) - _keys(rules))
    if missing:
        found.append(f"no rule is loaded now with the key {', '.join(missing)}")
    found += [f"the rule {rule} keeps new processes from being audited" for rule in rules if _silences_tasks(rule)]
    if status.get("lost"):
        found.append(f"{status['lost']} records were lost since the host was started")
    return found


def damage(lines: int) -> list[str]:
    """Return a sentence about the ``lines`` of the log that could not be read, if there are any."""
    return [f"lines of the log that are damaged and were left out: {lines}"] if lines else []
