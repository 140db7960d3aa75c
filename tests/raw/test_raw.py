# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a user whose hosts have no Python: enable, investigate, teardown."""

from __future__ import annotations

import csv
import pathlib
import re

from .conftest import Host

NAME = "raw_test"
KEY = "signal_send"
RULES = {"syscall_audit_name": NAME, "syscall_audit_signals": ["KILL"]}


def changed(output: str) -> int:
    found = re.search(r"changed=(\d+)", output)
    assert found, output
    return int(found.group(1))


def replace_augenrules(bare: Host, script: str) -> None:
    bare.sh(f"mv /sbin/augenrules /sbin/augenrules.kept; printf '#!/bin/sh\\n{script}' >/sbin/augenrules; chmod 755 /sbin/augenrules")


def test_the_host_has_no_python(bare: Host) -> None:
    assert bare.sh("command -v python python2 python3 perl6; ls /usr/bin/python* /usr/libexec/platform-python 2>/dev/null; true") == ""


def test_enable_investigate_teardown(bare: Host, tmp_path: pathlib.Path) -> None:
    before = bare.state()
    assert before["traces"] == ""

    predicted = bare.play("enable", "--check", "--diff", **RULES).stdout
    assert changed(predicted) == 1
    assert "+-a always,exit -F arch=b64 -S kill" in predicted
    assert bare.state() == before

    assert changed(bare.play("enable", syscall_audit_backlog_limit=8500, **RULES).stdout) == 1
    enabled = bare.state()
    assert enabled["rules"].count(f"key={KEY}") == 4
    assert bare.settings()["backlog_limit"] == "8500"
    for path in (f"/etc/audit/rules.d/95-{NAME}.rules", "/etc/audit/audit.rules"):
        assert bare.sh(f"cat {path}").count(f"-k {KEY}") == 4
    # What will be loaded at boot is what is loaded now: the kernel has each of its rules already.
    assert bare.sh(f"grep '^-a.*{KEY}' /etc/audit/audit.rules | while read -r r; do auditctl $r 2>&1; done; true").count("Rule exists") == 4

    assert changed(bare.play("enable", syscall_audit_backlog_limit=8500, **RULES).stdout) == 0
    assert bare.state() == enabled

    victim = bare.sh("sleep 300 >/dev/null 2>&1 </dev/null & echo $!").strip()
    bare.sh(f"sh -c 'kill -KILL {victim}; :'")
    output = tmp_path / "incident"
    bare.play("investigate", incident_process=victim, incident_signals=["KILL"], incident_since="10m", incident_output=str(output))
    with (output / "signals.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = [(row["host"], row["signal"], row["sender_comm"], row["target_pid"], row["target_comm"]) for row in rows]
    assert found == [("bare", "SIGKILL", "sh", victim, "sleep")]
    assert rows[0]["sender_exe"] == "/usr/bin/dash"
    assert rows[0]["sender_user"] == "root"
    assert victim in rows[0]["sender_command_line"]

    assert changed(bare.play("teardown", "--check", **RULES).stdout) == 1
    assert bare.state() == enabled
    assert changed(bare.play("teardown", **RULES).stdout) == 1
    assert bare.state() == before
    assert changed(bare.play("teardown", **RULES).stdout) == 0


def test_a_step_that_fails_takes_back_all_before_it(bare: Host) -> None:
    before = bare.state()
    replace_augenrules(bare, "echo broken >&2\\nexit 1\\n")
    try:
        failed = bare.play("enable", fails=True, **RULES).stdout
    finally:
        bare.sh("mv /sbin/augenrules.kept /sbin/augenrules")
    assert "augenrules could not build /etc/audit/audit.rules: broken" in failed
    assert bare.state() == before


def test_a_run_that_was_killed_is_mended_by_the_next(bare: Host) -> None:
    before = bare.state()
    # augenrules kills the script that runs it, so that not even its trap is heard.
    replace_augenrules(bare, "kill -9 $(cat /run/linux_audit_fleet.raw/pid)\\nsleep 1\\n")
    try:
        bare.play("enable", fails=True, syscall_audit_verify=False, **RULES)
    finally:
        bare.sh("mv /sbin/augenrules.kept /sbin/augenrules")
    bare.play("enable", **RULES)
    assert changed(bare.play("enable", **RULES).stdout) == 0
    bare.play("teardown", **RULES)
    assert bare.state() == before


def test_others_rules_stay(bare: Host) -> None:
    before = bare.state()
    bare.sh("auditctl -a always,exit -F arch=b64 -S kill -F a1=62 -k raw_others")
    bare.sh("echo '-w /etc/hostname -p wa -k raw_vendor' >/etc/audit/rules.d/30-vendor.rules")
    try:
        with_others = bare.state()
        bare.play("enable", **RULES)
        assert "raw_others" in bare.state()["rules"]
        bare.play("teardown", **RULES)
        assert bare.state() == with_others
    finally:
        bare.sh("auditctl -d always,exit -F arch=b64 -S kill -F a1=62 -k raw_others; rm /etc/audit/rules.d/30-vendor.rules")
    assert bare.state() == before


def test_audit_rules_without_augenrules(bare: Host) -> None:
    bare.sh("cp -p /etc/audit/audit.rules /root/audit.rules; printf '%s' '-D\n# by hand, ohne Umlaut und ohne Ende: \\303\\244' >/etc/audit/audit.rules")
    try:
        before = bare.state()
        assert changed(bare.play("enable", syscall_audit_loader="audit_rules", **RULES).stdout) == 1
        assert bare.sh("cat /etc/audit/audit.rules").count(f"-k {KEY}") == 4
        assert changed(bare.play("enable", syscall_audit_loader="audit_rules", **RULES).stdout) == 0
        bare.play("teardown", syscall_audit_loader="audit_rules", **RULES)
        assert bare.state() == before
    finally:
        bare.sh("mv /root/audit.rules /etc/audit/audit.rules")


def test_what_python_is_needed_for_is_refused(bare: Host) -> None:
    before = bare.state()
    assert "syscall_audit_transport=raw neither installs" in bare.play("enable", fails=True, syscall_audit_install=True, **RULES).stdout
    assert bare.state() == before
