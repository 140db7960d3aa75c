# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _folder


class ActionModule(ActionBase):
    """Makes the folder of a new incident on the controller."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, args = self.validate_argument_spec(
            argument_spec={"folder": {"type": "path"}, "source": {"type": "path"}}
        )
        now = datetime.datetime.now(datetime.UTC)
        path = Path(args["folder"] or f"incident-{now:%Y%m%dT%H%M%SZ}").absolute()
        if not self._task.check_mode:
            try:
                _folder.create(path, Path(args["source"]) if args["source"] else None)
            except OSError as error:
                raise AnsibleActionFail(f"The incident's folder can not be made: {error}") from error
        return {**result, "changed": True, "folder": str(path)}
