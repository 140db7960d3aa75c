# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running scripts on a host through ansible.builtin.raw.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from . import _raw_shell


def _raw(action: ActionBase, command: str, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
    task = action._task.copy()
    task.args = {"_raw_params": command, "executable": "/bin/sh"}
    # The caller decides what may run in check mode; raw itself would run nothing. Core 2.16 looks at the second.
    task.check_mode = False
    play_context = action._play_context.copy()
    play_context.check_mode = False
    plugin = action._shared_loader_obj.action_loader.get(
        "ansible.builtin.raw",
        task=task,
        connection=action._connection,
        play_context=play_context,
        loader=action._loader,
        templar=action._templar,
        shared_loader_obj=action._shared_loader_obj,
    )
    result: dict[str, t.Any] = plugin.run(task_vars=task_vars)
    return result


def run(action: ActionBase, script: _raw_shell.Script, task_vars: dict[str, t.Any]) -> dict[str, str]:
    """Run a script on the host of ``action``, return the sections that it printed. Raises RawError."""
    *uploads, last = script.commands()
    for command in uploads:
        result = _raw(action, command, task_vars)
        if result["rc"] != 0:
            raise _raw_shell.RawError((result["stdout"] + result["stderr"]).strip())
    result = _raw(action, last, task_vars)
    try:
        return script.sections("\n" + result["stdout"])
    except _raw_shell.RawError as error:
        raise _raw_shell.RawError(f"{error} {result['stderr']}".strip()) from error
