# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report says, in one language.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

ASSETS = Path(__file__).parents[2] / "roles/incident/files/report"


class Texts:
    """The entries of a catalogue, ``roles/incident/files/report/LANGUAGE.json``."""

    def __init__(self, language: str = "en") -> None:
        self._entries: dict[str, t.Any] = json.loads((ASSETS / f"{language}.json").read_text(encoding="utf-8"))
        self.language = language
        self.page: dict[str, str] = self._entries["page"]

    def say(self, name: str, *values: object, **named: object) -> str:
        """Return the entry with the values put in."""
        return str(self._entries[name]).format(*values, **named)

    def hosts_of(self, group: t.Mapping[str, t.Any]) -> str:
        """Return where a group of signals was seen: the host, or how many there are."""
        return str(group["host"]) if group["hosts"] == 1 else self.count("hosts", group["hosts"])

    def count(self, name: str, number: int) -> str:
        """Return the entry in the form for ``number``."""
        return str(self._entries[name]["one" if number == 1 else "other"]).format(number)
