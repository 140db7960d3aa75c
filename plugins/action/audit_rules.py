# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ruleset, _transaction
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _raw, _raw_apply, _raw_host, _raw_model, _raw_shell

display = Display()


class ActionModule(ActionBase):
    """Applies or reverts a set of rules: by the module, or by shell scripts where there is no Python."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        if self._task.args.get("transport") != "raw":
            module = self._execute_module("linux_audit.fleet.audit_rules", task_vars=task_vars, wrap_async=self._task.async_val)
            return {**result, **module}
        _validated, args = self.validate_argument_spec(argument_spec=_transaction.ARGUMENT_SPEC)
        problem = _transaction.problem(args)
        if problem:
            raise AnsibleActionFail(problem)
        try:
            done = self._transact(args, task_vars or {})
        except _ruleset.Errors as error:
            raise AnsibleActionFail(str(error)) from error
        except _raw_shell.RawError as error:
            raise AnsibleActionFail(f"The rules were not changed: {error}") from error
        for warning in done.pop("warnings"):
            display.warning(warning)
        return {**result, **wrap_var(done)}

    def _transact(self, args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        host = _raw_host.Host(_raw.run(self, _raw_host.script(), task_vars))
        done, model = _raw_model.transact(host, args, self._task.check_mode)
        if model.steps:
            printed = _raw.run(self, _raw_apply.script(host, model.steps, done["locked"]), task_vars)
            steps = _raw_apply.correction(model, printed)
            if steps:
                _raw.run(self, _raw_apply.script(host, steps, again=True), task_vars)
        return done
