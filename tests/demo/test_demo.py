# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo` names the killer, and leaves a machine as it was."""

from __future__ import annotations

import json
import os
import pathlib
import re
import typing as t

import yaml

from .conftest import Kernel, Machine, Snapshot

FOREIGN_RULES = (
    "-a always,exit -F arch=b64 -S kill -F a1=0xa -F key=signal_send2",
    "-w /etc/hostname -p wa -k by_hand",
)


class Killing(t.NamedTuple):
    """The killing as the demo's table shows it: processes as "PID COMM"."""

    sender: str
    exe: str
    command_line: str
    target: str


# The killing in tests/data/signal_send.log.
RECORDED = Killing("10356 bash", "/usr/bin/bash", "bash -c 'kill -KILL 10354'", "10354 sleep")


def snapshot(kernel: Kernel, machine: Machine) -> Snapshot:
    return Snapshot(kernel.rules(), kernel.settings(), machine.tree("etc/audit"))


def install_stale_copy(machine: Machine) -> None:
    """Put the collection, in this version but with another demo, where Ansible looks first."""
    stale = "root/.ansible/collections/ansible_collections/linux_audit/fleet"
    version = yaml.safe_load(pathlib.Path(os.environ["DEMO_CHECKOUT"], "galaxy.yml").read_text())["version"]
    info = {"namespace": "linux_audit", "name": "fleet", "version": version, "dependencies": {}}
    machine.write(f"{stale}/MANIFEST.json", json.dumps({"collection_info": info, "format": 1}))
    machine.write(f"{stale}/playbooks/demo.yml", '- hosts: localhost\n  tasks: [{fail: {msg: "the stale copy"}}]\n')


def demo(machine: Machine, *, user: str = "root", container: bool = False) -> str:
    checkout = machine.checkout(user)
    return machine.run("make", "--no-print-directory", "-C", checkout, "demo", user=user, container=container).stdout


def killing(output: str) -> Killing:
    """Read the one row of the table, which has two blanks or more between its cells, that holds a SIGKILL."""
    lines = [re.split(r" {2,}", line.strip(' ",')) for line in output.splitlines()]
    names = next((cells for cells in lines if cells[0] == "TIME (UTC)"), None)
    assert names, f"no table in:\n{output}"
    (row,) = [dict(zip(names, cells, strict=True)) for cells in lines if "SIGKILL" in cells]
    return Killing(row["SENDER"], row["EXE"], row["COMMAND LINE"], row["TARGET"])


def assert_names_killer(output: str) -> None:
    """Whoever killed said on its own command line whom, so the table can be held against itself."""
    found = killing(output)
    assert re.fullmatch(r"\d+ \S+", found.sender)
    assert re.fullmatch(r"\d+ \S+", found.target)
    assert found.exe.startswith("/")
    assert re.search(rf"\bkill\b.*\b{found.target.split()[0]}\b", found.command_line)


def test_a_machine_without_auditd_is_left_without_it(machine: Machine, kernel: Kernel) -> None:
    machine.remove("audispd-plugins", "auditd", "python3-venv", machine.venv_package())
    machine.run("rm", "-rf", "/etc/audit", "/var/log/audit")
    before = snapshot(kernel, machine)
    assert before.files is None

    output = demo(machine)

    assert_names_killer(output)
    assert snapshot(kernel, machine) == before
    assert not machine.has("auditd")


def test_what_others_configured_stays(machine: Machine, kernel: Kernel) -> None:
    if not machine.has("auditd"):
        machine.install("auditd")
    machine.write("etc/audit/rules.d/50-site.rules", "".join(f"{rule}\n" for rule in FOREIGN_RULES))
    machine.run("augenrules")
    machine.run("sed", "-i", "s/^max_log_file = .*/max_log_file = 9/", "/etc/audit/auditd.conf")
    machine.run("chown", "daemon:daemon", "/etc/audit/rules.d")
    kernel.auditctl("-b", "8191")
    for rule in FOREIGN_RULES:
        kernel.auditctl(*rule.split())
    install_stale_copy(machine)
    before = snapshot(kernel, machine)

    output = demo(machine)

    assert_names_killer(output)
    assert snapshot(kernel, machine) == before
    assert machine.has("auditd")


def test_in_a_container_a_recorded_log_is_investigated(machine: Machine, kernel: Kernel) -> None:
    machine.remove("audispd-plugins", "auditd")
    machine.run("rm", "-rf", "/etc/audit", "/var/log/audit")
    before = snapshot(kernel, machine)

    output = demo(machine, container=True)

    assert killing(output) == RECORDED
    assert snapshot(kernel, machine) == before
    assert not machine.has("auditd")


def test_without_root_a_recorded_log_is_investigated(machine: Machine, kernel: Kernel) -> None:
    machine.install("auditd", machine.venv_package())
    machine.run("useradd", "--create-home", "visitor")
    before = snapshot(kernel, machine)

    output = demo(machine, user="visitor")

    assert "needs root" in output
    assert killing(output) == RECORDED
    assert snapshot(kernel, machine) == before


def test_without_root_and_ausearch_a_recorded_log_is_decoded(machine: Machine) -> None:
    machine.remove("audispd-plugins", "auditd")
    machine.install(machine.venv_package())
    machine.run("useradd", "--create-home", "visitor")

    output = demo(machine, user="visitor")

    for part in (*RECORDED.sender.split(), RECORDED.exe, "kill -KILL 10354", *RECORDED.target.split()):
        assert part in output


def test_without_root_a_missing_package_is_named(machine: Machine) -> None:
    machine.remove("python3-venv", machine.venv_package())
    machine.run("useradd", "--create-home", "visitor")

    done = machine.run("make", "-C", machine.checkout("visitor"), "demo", user="visitor", check=False)

    assert done.returncode != 0
    assert f"Install the package {machine.venv_package()} (as root), then try again." in done.stdout
