# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of each scenario of molecule, as an inventory."""

from __future__ import annotations

import os
import pathlib
import re
import typing as t

import containers
import machines
import programs

Hosts = dict[str, dict[str, t.Any]]

# How a host is made to load audit.rules by auditctl -R, as RHEL 7 and hand-made set-ups do.
AUDITCTL_AT_BOOT = r"""
mkdir -p /etc/systemd/system/auditd.service.d
printf '[Service]\nExecStartPost=\nExecStartPost=-/sbin/auditctl -R /etc/audit/audit.rules\n' >/etc/systemd/system/auditd.service.d/lab.conf
systemctl daemon-reload
"""


def _chosen(variable: str, default: t.Sequence[str]) -> list[str]:
    return os.environ.get(variable, "").split() or list(default)


def _word(text: str) -> str:
    return re.sub(r"\W+", "_", text)


def _container(prefix: str, source: str, kind: str, **variables: t.Any) -> Hosts:
    name = f"{prefix}_{_word(source)}"
    return {
        name: {
            "ansible_connection": "containers.podman.podman",
            "lab_start": ["run", name, source, "--kind", kind],
            "lab_suite": source,
            # Debian's own suites run augenrules, in whichever unit; of others nothing is expected.
            "lab_loader": "" if "/" in source else "augenrules",
            **variables,
        }
    }


def container() -> Hosts:
    hosts: Hosts = {}
    suites = _chosen("LAB_SUITES", containers.SUITES)
    for suite in suites:
        hosts |= _container("container", suite, "ordinary")
    hosts |= _container("auditctl", suites[0], "ordinary", lab_prepare=AUDITCTL_AT_BOOT, lab_loader="audit_rules")
    hosts |= _container("plain", suites[-1], "plain")
    return hosts


def kernel() -> Hosts:
    hosts: Hosts = {}
    for suite in _chosen("LAB_SUITES", containers.SUITES):
        hosts |= _container("kernel", suite, "kernel")
    return hosts


def _machine(suite: str, arch: str) -> Hosts:
    name = f"vm_{suite}_{arch}"
    variables = {
        "ansible_host": "127.0.0.1",
        "ansible_user": "root",
        "ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ServerAliveInterval=10",
        "lab_start": ["start", name, suite, arch],
        "lab_suite": suite,
        "lab_arch": arch,
        "lab_loader": "augenrules",
    }
    try:
        state = machines.Machine(name).state()
        variables |= {"ansible_port": state["port"], "ansible_ssh_private_key_file": state["private_key"]}
    except programs.LabError:
        pass  # not started yet
    return {name: variables}


def _machines(variable: str) -> Hosts:
    hosts: Hosts = {}
    for machine in _chosen(variable, ["trixie/amd64"]):
        suite, dummy, arch = machine.partition("/")
        hosts |= _machine(suite, arch)
    return hosts


def vm() -> Hosts:
    return _machines("LAB_MACHINES")


def vm_faults() -> Hosts:
    return _machines("LAB_FAULT_MACHINES")


def cores() -> Hosts:
    """A container for each Python of pyenv that LAB_PYTHONS names: this machine's Debian 12 is what they are built for."""
    hosts: Hosts = {}
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    for python in _chosen("LAB_PYTHONS", []):
        found = sorted(pyenv.glob(f"versions/{python}.*/bin/python3"))
        if found:
            name = f"python_{_word(python)}"
            start = ["run", name, "bookworm", "--kind", "plain", "--volume", f"{pyenv}:{pyenv}:ro"]
            host = _container("python", "bookworm", "plain", ansible_python_interpreter=str(found[-1]), lab_start=start)
            hosts[name] = host["python_bookworm"]
    return hosts


SCENARIOS = {"cores": cores, "container": container, "kernel": kernel, "vm": vm, "vm_faults": vm_faults}


def inventory(scenario: str) -> dict[str, t.Any]:
    """What an inventory script answers to --list."""
    hosts = SCENARIOS[scenario]()
    return {
        "all": {"hosts": list(hosts), "vars": {"ansible_python_interpreter": "/usr/bin/python3"}},
        "_meta": {"hostvars": hosts},
    }
