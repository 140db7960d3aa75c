# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.linux_audit.fleet.plugins.module_utils import _facts
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _raw, _raw_facts, _raw_host, _raw_shell


class ActionModule(ActionBase):
    """Asks a host what its audit can do: by the module, or by a shell script where there is no Python."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        if self._task.args.get("transport") != "raw":
            module = self._execute_module("linux_audit.fleet.audit_facts", task_vars=task_vars, wrap_async=self._task.async_val)
            return {**result, **module}
        _validated, args = self.validate_argument_spec(argument_spec=_facts.ARGUMENT_SPEC)
        problem = _facts.problem(args)
        if problem:
            raise AnsibleActionFail(problem)
        try:
            script = _raw_host.script(args["paths"], args["users"], args["groups"])
            host = _raw_host.Host(_raw.run(self, script, task_vars or {}))
        except _raw_shell.RawError as error:
            raise AnsibleActionFail(f"The host could not be asked without Python: {error}") from error
        return {**result, "changed": False, "ansible_facts": {"linux_audit": wrap_var(_raw_facts.facts(host, args))}}
