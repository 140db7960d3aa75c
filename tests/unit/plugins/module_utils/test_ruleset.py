# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locked rules (enabled 2), which last until a reboot and so can't be had on the machine that runs the tests. The rest is in tests/faults."""

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _kernel, _ledger, _loader, _rule, _ruleset

RULE = "-a always,exit -F arch=b64 -S kill -k ops"


class Auditctl:
    """A kernel with settings and a list of rules, in place of auditctl."""

    def __init__(self, enabled):
        self.settings = {"enabled": enabled, "failure": 1, "pid": 0, "rate_limit": 0, "backlog_limit": 64}
        self.rules = []

    def __call__(self, argv):
        words = list(argv)[1:]
        if argv[0].endswith("unshare"):
            return 255, "", "Error sending add rule data request (Connection refused)\n"
        if words[0] == "-s":
            return 0, "".join("{0} {1}\n".format(*setting) for setting in self.settings.items()), ""
        if words[0] == "-l":
            return 0, "".join(rule + "\n" for rule in self.rules) or "No rules\n", ""
        if self.settings["enabled"] == 2:
            # Up to audit 3.1.1 auditctl exits 0 all the same.
            return 0, "", "The audit system is in immutable mode, no rule changes allowed\n"
        if words[0] == "-a":
            self.rules.append(" ".join(words))
        elif words[0] == "-d":
            self.rules.remove(" ".join(["-a"] + words[1:]))
        elif words[0] == "-e":
            self.settings["enabled"] = int(words[1])
        return 0, "", ""


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host whose audit.rules is read at boot, and a function that starts a transaction on it."""
    rules = tmp_path / "audit" / "audit.rules"
    rules.parent.mkdir()
    rules.write_text("-D\n-e 2\n")
    monkeypatch.setattr(_loader, "RULES_FILE", str(rules))
    monkeypatch.setattr(_loader, "RULES_DIRECTORY", str(rules.parent / "rules.d"))
    monkeypatch.setattr(_kernel, "binary", lambda name, *disk: "/sbin/" + name)

    def begin(auditctl, immutable="fail"):
        options = _ruleset.Options(
            name="x",
            rules=(RULE,),
            header="# Ours.",
            scope="both",
            loader="audit_rules",
            kernel="auto",
            immutable=immutable,
            never_task="keep",
            settings={},
        )
        return _ruleset.Ruleset(auditctl, _rule.Names("x86_64"), _ledger.Ledger(str(tmp_path / "records")), options)

    begin.rules = rules
    begin.boot = "first"
    monkeypatch.setattr(_ruleset, "boot_id", lambda *disk: begin.boot)
    return begin


def test_locked_rules_fail_before_anything_is_changed(host):
    with pytest.raises(_kernel.KernelError, match="syscall_audit_immutable=stage"):
        host(Auditctl(2)).present(False)
    assert host.rules.read_text() == "-D\n-e 2\n"


def test_locked_rules_are_staged_before_the_line_that_locks(host):
    result = host(Auditctl(2), "stage").present(False)
    assert result.changed
    assert not result.in_kernel
    assert any("next boot" in warning for warning in result.warnings)
    lines = host.rules.read_text().splitlines()
    assert lines.index(RULE) < lines.index("-e 2")
    assert not host(Auditctl(2), "stage").present(False).changed


def test_a_lock_of_before_is_not_put_back(host):
    host(Auditctl(2), "stage").present(False)
    host.boot = "second"
    after_reboot = Auditctl(1)
    after_reboot.rules.append(RULE)

    host(after_reboot).absent(False)

    assert after_reboot.settings["enabled"] == 1
    assert after_reboot.rules == []
    assert host.rules.read_text() == "-D\n-e 2\n"


def test_a_rule_that_takes_our_events_is_refused_before_anything_is_changed(host):
    auditctl = Auditctl(1)
    auditctl.rules.append("-a always,exit -F arch=b64 -S kill -k theirs")

    with pytest.raises(_kernel.KernelError, match="logged under theirs, not under ops"):
        host(auditctl).present(False, True)

    assert len(auditctl.rules) == 1
    assert host.rules.read_text() == "-D\n-e 2\n"
    assert host(auditctl).present(False).shadows
