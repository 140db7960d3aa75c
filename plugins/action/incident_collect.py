# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _action, _folder, _health, _incident, _raw, _raw_search, _raw_shell, _texts

display = Display()

_LONG = 40
_STEPS = 20


def _target(process: str) -> dict[str, list[str]]:
    if not process:
        return {}
    return {"target_pids": [process]} if process.isdecimal() else {"target_comms": [_incident.comm(process)]}


def _sender(process: str) -> dict[str, list[str]]:
    if not process:
        return {}
    if process.isdecimal():
        return {"pids": [process]}
    return {"exes": [process]} if "/" in process else {"comms": [_incident.comm(process)]}


def _with_raw_records(event: _folder.Event) -> _folder.Event:
    return {**event, "records": [{"type": record["type"], "raw": record["raw"]} for record in event["records"]]}


class ActionModule(ActionBase):
    """Searches the host and keeps its answer on the controller, a failure too."""

    _supports_async = False

    def _module(self, name: str, args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        result: dict[str, t.Any] = self._execute_module(
            module_name=f"linux_audit.fleet.{name}", module_args=args, task_vars=task_vars
        )
        if result.get("failed"):
            raise AnsibleActionFail(str(result.get("msg") or f"{name} failed without a message"))
        return result

    def _ausearch(self, args: t.Mapping[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        options = {
            "keys": args["keys"],
            "start": args["since"],
            "end": args["until"],
            "limit": args["limit"],
            "order": "newest",
            "signals": args["signals"],
            **_target(args["process"]),
            **_sender(args["sender"]),
            "word": True,
            "records": True,
            "input_file": args["input_files"],
        }
        return self._module("ausearch", options, task_vars)

    def _state(self, keys: list[str], task_vars: dict[str, t.Any]) -> list[_health.Concern]:
        try:
            state = self._module("auditctl", {}, task_vars)
        except AnsibleActionFail as error:
            return [("unknown", str(error))]
        return _health.concerns(keys, state["status"], state["loaded"])

    def _by_modules(self, args: t.Mapping[str, t.Any], task_vars: dict[str, t.Any]) -> _raw_search.Searched:
        found = self._ausearch(args, task_vars)
        concerns = [] if args["input_files"] else self._state(args["keys"], task_vars)
        concerns += _health.late_log(found["start"], found["log_begins"]) + _health.damage(found["malformed"]["count"])
        return _raw_search.Searched(found["events"][::-1], found["truncated"], concerns)

    def _by_script(self, args: t.Mapping[str, t.Any], task_vars: dict[str, t.Any]) -> _raw_search.Searched:
        signals = {"signals": args["signals"]} if args["signals"] else {}
        search = _raw_search.Search(
            args["keys"], args["since"], args["until"], args["limit"], args["input_files"],
            {**signals, **_target(args["process"]), **_sender(args["sender"])},
        )  # fmt: skip
        try:
            query = _raw_search.Query(search, _raw.run(self, _raw_search.ask(search), task_vars))
            return query.read(_raw.run(self, query.script(), task_vars))
        except (_raw_shell.RawError, _raw_search.SearchError) as error:
            raise AnsibleActionFail(str(error)) from error

    def _search(
        self, host: str, args: t.Mapping[str, t.Any], task_vars: dict[str, t.Any]
    ) -> tuple[_folder.Answer, list[_folder.Event]]:
        search = _folder.Search(
            tuple(args["keys"]), args["since"], args["until"], args["process"], tuple(args["signals"]), args["sender"]
        )
        try:
            searched = self._by_script(args, task_vars) if args["transport"] == "raw" else self._by_modules(args, task_vars)
        except AnsibleConnectionFailure as error:
            return _folder.Answer(host, "unreachable", str(error), search=search), []
        except AnsibleError as error:
            return _folder.Answer(host, "failed", str(error), search=search), []
        events = [_with_raw_records(event) for event in searched.events]
        return _folder.Answer(host, "searched", truncated=searched.truncated, concerns=tuple(searched.concerns), search=search), events

    def _show_progress(self, hosts: int, signals: int, total: int) -> None:
        if total >= _LONG and (hosts % (total // _STEPS) == 0 or hosts == total):
            display.display(_texts.Texts().say("progress", hosts=hosts, total=total, signals=signals))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, args = self.validate_argument_spec(
            argument_spec={
                **_action.WANTED_OPTIONS,
                "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
                "since": {"type": "str"},
                "until": {"type": "str"},
                "limit": {"type": "int", "required": True},
                "input_files": {"type": "list", "elements": "path", "default": []},
                "transport": {"type": "str", "choices": ["python", "raw"], "default": "python"},
            }
        )
        task_vars = task_vars or {}
        answer, events = self._search(task_vars["inventory_hostname"], args, task_vars)
        if not self._task.check_mode:
            folder = _action.folder(args)
            _folder.store(folder, answer, events)
            self._show_progress(*_folder.note_progress(folder, sum(len(_signal.rows(event)) for event in events)), len(task_vars["ansible_play_hosts_all"]))
        if answer.status != "searched":
            result["msg"] = wrap_var(answer.reason)
            result["unreachable" if answer.status == "unreachable" else "failed"] = True
        return {**result, "changed": False, "count": len(events), "truncated": answer.truncated}
