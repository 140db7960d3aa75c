# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This file is private to the collection: it can change without notice."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal, _time
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _names


def _signal_problems(signals: t.Iterable[t.Any]) -> t.Iterator[str]:
    for signal in signals:
        try:
            _signal.number(signal)
        except ValueError as error:
            yield f"incident_signals: {error}"


def _time_problems(times: t.Mapping[str, str]) -> t.Iterator[str]:
    for name, value in times.items():
        try:
            if value:
                _time.parse(value, time.time(), time.time())
        except ValueError as error:
            yield f"{name}: {error}"


def incident_problems(names: list[str], known: list[str], signals: list[t.Any], times: dict[str, str]) -> list[str]:
    if not isinstance(names, list):
        raise AnsibleFilterError("Input for linux_audit.fleet._incident_problems must be a list of names of variables")
    return [*_names.misspelt(names, known), *_signal_problems(signals), *_time_problems(times)]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"_incident_problems": incident_problems}
