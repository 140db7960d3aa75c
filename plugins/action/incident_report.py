# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail, AnsibleActionSkip
from ansible.plugins.action import ActionBase
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _action, _report


class ActionModule(ActionBase):
    """Makes the report of an incident of what was collected from the hosts."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, args = self.validate_argument_spec(
            argument_spec={
                **_action.WANTED_OPTIONS,
                "hosts": {"type": "list", "elements": "str", "default": []},
                "noise": {"type": "bool", "default": False},
                "rows": {"type": "int", "default": 100},
            }
        )
        if self._task.check_mode:
            raise AnsibleActionSkip("There is no report in check mode, as nothing is written.")
        try:
            summary, lines = _report.write(
                _action.folder(args), args["hosts"], _action.wanted(args), args["noise"], args["rows"]
            )
        except OSError as error:
            raise AnsibleActionFail(f"The report can not be written: {error}") from error
        # Core before 2.19 runs templates that it finds in results: an attacker chooses these strings.
        return {**result, "changed": True, "summary": wrap_var(summary), "lines": wrap_var(lines)}
