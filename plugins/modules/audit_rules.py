#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: audit_rules
short_description: Apply or revert one named set of audit rules, in the kernel and for the next boot
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Makes the kernel and the files from which rules are loaded at boot have exactly the rules of one name, and records on the host how it was before.
  - It is one transaction. Each rule is proven to load before any is written. When a step fails, kernel and files are put back as they were; when
    the module is killed, its record tells the next run what to mend.
  - Rules of others are never deleted, neither from the kernel nor from files. Rules are not reloaded, because that would flush what others loaded.
extends_documentation_fragment:
  - linux_audit.fleet.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the set of rules. Several names can be applied on a host side by side.
      - V(all), with O(state=absent), stands for every name that has a record on the host.
    type: str
    default: syscall_audit
  state:
    description:
      - V(present) makes the rules be there, V(absent) undoes what was recorded. With the last name the settings that C(auditctl -s) shows, and an
        audit.rules that nobody else has changed, become what they were before the first name, and an auditd that was started for it is ended.
      - V(noted) only records how the host is. It is for a caller who is going to install packages or start auditd, and is to be undone too.
      - V(forgotten) drops a record that waited for its packages to be removed.
    type: str
    choices: [present, absent, noted, forgotten]
    default: present
  rules:
    description:
      - The rules, each as in a rules file. All others that this name had before are taken away.
    type: list
    elements: str
    default: []
  header:
    description:
      - Comment lines to be written above the rules.
    type: str
    default: "# Managed by Ansible, linux_audit.fleet."
  scope:
    description:
      - V(runtime) is the kernel only, V(persistent) the boot files only, V(both) is both.
    type: str
    choices: [both, runtime, persistent]
    default: both
  loader:
    description:
      - How rules are loaded at boot. V(auto) finds out, as M(linux_audit.fleet.audit_facts) does. With V(augenrules) the rules are written to
        C(/etc/audit/rules.d/95-NAME.rules), with V(audit_rules) to a marked block in C(/etc/audit/audit.rules), before a C(-e 2).
    type: str
    choices: [auto, augenrules, audit_rules]
    default: auto
  kernel:
    description:
      - V(auto) changes the kernel's rules where they can be reached, and warns where not, as in a container. V(required) fails there.
        V(skip) leaves the kernel alone.
    type: str
    choices: [auto, required, skip]
    default: auto
  immutable:
    description:
      - What to do when the rules are locked until the next boot (C(enabled 2)). V(fail) fails, V(stage) changes the boot files only.
    type: str
    choices: [fail, stage]
    default: fail
  never_task:
    description:
      - What to do with rules such as C(-a task,never), which switch auditing off for all new processes. V(keep) leaves them alone.
        V(remove) takes them from the kernel and makes them comments in the boot files; O(state=absent) puts them back with the last name.
    type: str
    choices: [keep, remove]
    default: keep
  shadowed:
    description:
      - What to do when a rule that somebody else loaded earlier takes all events of one of O(rules), on some syscalls at least. Only the first rule
        that matches a call logs it, under its own key, or keeps it from being logged. V(warn) warns, V(fail) fails before anything is changed.
    type: str
    choices: [warn, fail]
    default: warn
  settings:
    description:
      - Settings of the audit system to apply together with the rules, and to take back with them.
    type: dict
    default: {}
    suboptions:
      enabled:
        description: V(1) switches auditing on.
        type: int
        choices: [0, 1]
      backlog_limit:
        description: How many records the kernel may hold for auditd.
        type: int
      rate_limit:
        description: How many records a second the kernel may send, V(0) for no limit.
        type: int
      failure:
        description: What the kernel does when a record is lost, V(0) nothing, V(1) a message in the kernel log.
        type: int
        choices: [0, 1]
      backlog_wait_time:
        description: How long a process may wait for room in the backlog, in jiffies.
        type: int
  packages:
    description:
      - With O(state=noted), the names of all packages installed now. They are recorded when C(auditctl) is not among them.
    type: list
    elements: str
  service_enabled:
    description:
      - With O(state=noted), whether auditd is started at boot now.
    type: bool
  start:
    description:
      - With O(state=noted), whether the caller is going to start auditd if it is not running.
    type: bool
    default: false
  transport:
    description:
      - V(raw) is for hosts without Python. The controller asks the host by C(ansible.builtin.raw), works out what is to be done, and sends it as one
        shell script that takes everything back when a step fails. The host needs sh, the usual small programs (POSIX), and auditctl.
    type: str
    choices: [python, raw]
    default: python
notes:
  - The record is kept in C(/var/lib/linux_audit_fleet). It is the only thing that is written beside the rules.
seealso:
  - module: linux_audit.fleet.auditctl
  - module: linux_audit.fleet.audit_facts
"""

EXAMPLES = r"""
- name: Watch who sends SIGKILL, now and after every boot
  linux_audit.fleet.audit_rules:
    name: who_kills
    rules:
      - -a always,exit -F arch=b64 -S kill -S tkill -F a1=9 -k who_kills
      - -a always,exit -F arch=b64 -S tgkill -F a2=9 -k who_kills

- name: Take all of it away again
  linux_audit.fleet.audit_rules:
    name: who_kills
    state: absent
"""

RETURN = r"""
added:
  description: The rules that were missing in the kernel and have been loaded.
  returned: success
  type: list
  elements: str
  sample: ["-a always,exit -F arch=b64 -S kill -S tkill -F a1=9 -k who_kills"]
deleted:
  description: The rules that have been taken away from the kernel.
  returned: success
  type: list
  elements: str
  sample: []
files:
  description: The rules files that were changed. An audit.rules that augenrules builds is not among them.
  returned: success
  type: list
  elements: str
  sample: [/etc/audit/rules.d/95-who_kills.rules]
in_kernel:
  description: Whether the rules are in the running kernel now.
  returned: success
  type: bool
  sample: true
locked:
  description: Whether the rules were locked until the next boot, so that only the boot files could be changed.
  returned: success
  type: bool
  sample: false
at_boot:
  description: Whether the rules will be loaded at boot.
  returned: success
  type: bool
  sample: true
packages_before:
  description: The packages that were installed before auditctl was, V(null) when auditctl was there already or another name still needs it.
  returned: success
  type: list
  elements: str
  sample: null
directories_before:
  description: Which of the audit system's directories were there before.
  returned: success
  type: dict
  sample: {/etc/audit: true, /var/log/audit: true}
service_enabled_before:
  description: Whether auditd was started at boot before, V(null) when that was not noted or another name still needs it.
  returned: success
  type: bool
  sample: null
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _ledger, _module, _ruleset, _transaction


def main():  # type: () -> None
    module = AnsibleModule(argument_spec=_transaction.ARGUMENT_SPEC, supports_check_mode=True)
    problem = _transaction.problem(module.params)
    if problem:
        module.fail_json(msg=problem)
    run = _module.runner(module)
    try:
        with _files.Lock(_ruleset.LOCK, _ruleset.LOCK_SECONDS):
            host = _transaction.Host(run, _module.host_names(run), _ledger.Ledger(), _files.LOCAL, None)
            result = _transaction.run(host, module.params, module.check_mode)
    except _ruleset.Errors as error:
        module.fail_json(msg=str(error))
    for warning in result.pop('warnings'):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == '__main__':
    main()
