# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the incident's actions share.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal

from . import _incident

WANTED_OPTIONS: dict[str, dict[str, t.Any]] = {
    "folder": {"type": "path", "required": True},
    "process": {"type": "str", "default": ""},
    "sender": {"type": "str", "default": ""},
    "signals": {"type": "list", "elements": "str", "default": []},
}


def folder(args: t.Mapping[str, t.Any]) -> Path:
    """Return the incident's folder."""
    return Path(args["folder"]).absolute()


def wanted(args: t.Mapping[str, t.Any]) -> _incident.Wanted:
    """Return which signals the task asks for; raises AnsibleActionFail for one that is none."""
    try:
        return _incident.Wanted(args["process"], frozenset(map(_signal.number, args["signals"])), args["sender"])
    except ValueError as error:
        raise AnsibleActionFail(str(error)) from error
