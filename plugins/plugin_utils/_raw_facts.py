# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of the module audit_facts, from what a host without Python answered.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _boot, _facts, _kernel, _loader, _presence

from . import _raw_host


def _symbols(host: _raw_host.Host) -> _presence.Symbols | None:
    found = _presence.Symbols(host.sections.get("symbols", "").split("\n"))
    return found if found.usable() else None


def _audit(host: _raw_host.Host) -> dict[str, t.Any]:
    """Return what auditctl says, and whether it reaches the kernel."""
    facts: dict[str, t.Any] = {"version": None, "status": {}, "reachable": False, "unreachable_reason": None, "never_task": None}
    version, status, rules = (host.ran(name) for name in ("version", "status", "rules"))
    if version is None or status is None or rules is None:
        return {**facts, "unreachable_reason": "auditctl is not installed; install the package audit (RHEL, Fedora, SUSE) or auditd (Debian, Ubuntu)"}
    facts["version"] = _kernel.read_version(version.out)
    try:
        facts["status"] = _kernel.read_status(*status, host.root)
    except _kernel.KernelError as error:
        return {**facts, "unreachable_reason": str(error)}
    if rules.code != 0:
        return {**facts, "unreachable_reason": f"auditctl -l: {_kernel.explain(rules.code, rules.error, host.root)}"}
    facts["never_task"] = next((line for line in rules.out.split("\n") if line.startswith("-a never,task")), None)
    return {**facts, "reachable": True}


def _container(host: _raw_host.Host) -> str | None:
    marked = host.sections["container"].strip()
    namespaces = host.sections["namespaces"].split()
    if marked or all(name in (first, "unknown") for name, first in zip(namespaces, _facts.FIRST_NAMESPACES.values())):
        return marked or None
    return next((kind for path, kind in _facts.CONTAINER_MARKS if host.exists(path)), "namespace")


def _cgroup2(host: _raw_host.Host) -> dict[str, t.Any]:
    directory = _facts.mount_of("cgroup2", host.sections["mounts"])
    return _facts.cgroup2_fact(directory, "groups_of_cgroup2" in host.sections, "cgroup_kill" in host.sections)


def _never_task_files(host: _raw_host.Host, loader: _loader.Loader) -> list[str]:
    paths = [loader.file]
    if loader.kind == "augenrules":
        paths = sorted(path for path in host.files if path.startswith(_loader.RULES_DIRECTORY + "/") and path.endswith(".rules"))
    return [path for path in paths if path in host.files and _boot.has_never_task(host.files[path].taken.content.decode("utf-8", "replace"))]


def _unaudited(host: _raw_host.Host, options: t.Mapping[str, str], status: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if options.get("audit", "0") not in ("0", "off") or not status:
        return {"count": 0, "oldest": []}
    processes = [found for line in host.sections["processes"].splitlines() if (found := _facts.process(line))]
    return _facts.unaudited(processes, next((found for found in processes if found.pid == status.get("pid")), None))


def facts(host: _raw_host.Host, wanted: t.Mapping[str, t.Sequence[str]]) -> dict[str, t.Any]:
    """Return the same as _facts.gather on a host with Python; ``wanted`` are the syscalls, paths, users and groups to look for."""
    names = _raw_host.Names(host)
    options = _facts.command_line(host.sections["command_line"])
    symbols = _symbols(host)
    version = _presence.version(host.release)
    known = _abi.architectures(names.machine)
    missing = {abi: _facts.missing_abi(abi, arch, names, symbols, options) for abi, arch in known.items()}
    abis = {abi: arch for abi, arch in known.items() if not missing[abi]}
    audit = _audit(host)
    loader = _raw_host.loader(host)
    return {
        "kernel": {"release": host.release, "version": list(version), "machine": host.machine, "audit_parameter": options.get("audit")},
        "abis": abis,
        "missing_abis": {abi: reason for abi, reason in missing.items() if reason},
        "x32": options.get("syscall.x32", "").lower() in ("y", "1", "on", "true"),
        "syscalls": _facts.syscall_facts(wanted["syscalls"], abis, names, symbols, version),
        "paths": {path: host.paths.get(path) for path in wanted["paths"]},
        "users": {name: names.user(name) for name in wanted["users"]},
        "groups": {name: names.group(name) for name in wanted["groups"]},
        "cgroup2": _cgroup2(host),
        "userspace": {
            "version": audit["version"],
            "paths": {tool: host.program(tool) for tool in ("auditctl", "auditd", "augenrules", "ausearch", "ausyscall")},
        },
        "status": audit["status"],
        "auditd_running": bool(audit["status"].get("pid")),
        "reachable": audit["reachable"],
        "unreachable_reason": audit["unreachable_reason"],
        "never_task": audit["never_task"],
        "never_task_files": _never_task_files(host, loader),
        "unaudited": _unaudited(host, options, audit["status"]),
        "container": _container(host),
        "loader": {**loader._asdict(), "directory": _loader.RULES_DIRECTORY},
    }
