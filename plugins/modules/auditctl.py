#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: auditctl
short_description: Load and delete audit rules in the running kernel
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Loads or deletes exactly the given rules with C(auditctl), and sets the audit system's settings. No other rule is touched.
  - Rules are compared with C(auditctl -l) in a canonical form, so that it does not matter in which order a rule names its syscalls,
    whether it says V(a1=9) or V(a1=0x9), or how the installed version prints it.
  - It is all or nothing. When the kernel refuses one rule, those that were loaded before it by the same task are taken away again.
  - What this module does is gone after a reboot. Use the role P(linux_audit.fleet.syscall_audit#role) or the module
    M(linux_audit.fleet.audit_rules) for rules that stay.
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
  rules:
    description:
      - Rules as in a rules file or on the command line of C(auditctl), each with O(rules[]) starting with C(-a), C(-A) or C(-w).
      - Only spaces separate words; C(\ ) is a space in a word. There are no quotes.
      - Write C(-F arch=) in every rule that names syscalls, because a number means another syscall on another ABI.
    type: list
    elements: str
    default: []
  state:
    description:
      - Whether O(rules) are to be loaded or not.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - V(1) switches auditing on, V(0) off. Locking the rules until the next reboot (C(-e 2)) is left to a rules file.
    type: int
    choices: [0, 1]
  backlog_limit:
    description:
      - How many records the kernel may hold for auditd. The kernel's own V(64) loses records in a burst; distributions set V(8192).
    type: int
  rate_limit:
    description:
      - How many records a second the kernel may send, V(0) for no limit.
    type: int
  failure:
    description:
      - What the kernel does when a record is lost, V(0) is nothing, V(1) a message in the kernel log. V(2), a panic, is not offered.
    type: int
    choices: [0, 1]
  backlog_wait_time:
    description:
      - How long a process may wait for room in the backlog, in jiffies.
    type: int
notes:
  - Needs root on the host, and the host itself. An ordinary container can not reach the kernel's audit.
  - A process that was started before auditing was first switched on is not audited until it is started anew.
seealso:
  - module: linux_audit.fleet.audit_rules
  - module: linux_audit.fleet.ausearch
  - module: linux_audit.fleet.audit_facts
"""

EXAMPLES = r"""
- name: Watch who sends signals, by hand on an x86_64 host
  linux_audit.fleet.auditctl:
    rules:
      - -a exit,always -F arch=b64 -S kill -S tkill -S rt_sigqueueinfo -k signal_send
      - -a exit,always -F arch=b32 -S kill -S tkill -S rt_sigqueueinfo -k signal_send
      - -a exit,always -F arch=b64 -S tgkill -S rt_tgsigqueueinfo -k signal_send
      - -a exit,always -F arch=b32 -S tgkill -S rt_tgsigqueueinfo -k signal_send
    enabled: 1

- name: Take one of them away
  linux_audit.fleet.auditctl:
    rules:
      - -a exit,always -F arch=b64 -S kill -S tkill -S rt_sigqueueinfo -k signal_send
    state: absent

- name: Make room for a burst of records
  linux_audit.fleet.auditctl:
    backlog_limit: 8192
"""

RETURN = r"""
added:
  description: The rules of O(rules) that were missing and have been loaded, as given.
  returned: success
  type: list
  elements: str
  sample: ["-a always,exit -F arch=b64 -S kill -k signal_send"]
deleted:
  description: The rules of O(rules) that were loaded and have been taken away, as given.
  returned: success
  type: list
  elements: str
  sample: []
loaded:
  description: All rules of the kernel afterwards, as C(auditctl -l) lists them. In check mode, as they would be.
  returned: success
  type: list
  elements: str
  sample: ["-a always,exit -F arch=b64 -S kill -F key=signal_send"]
status:
  description: The settings and counters that C(auditctl -s) shows afterwards. In check mode, as they would be.
  returned: success
  type: dict
  sample:
    enabled: 1
    failure: 1
    pid: 812
    rate_limit: 0
    backlog_limit: 8192
    lost: 0
    backlog: 0
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _kernel, _module, _rule


def plan(state, texts, listing, names):
    # type: (str, t.Sequence[str], _kernel.Listing, _kernel.HostNames) -> t.Tuple[t.List[str], t.List[str]]
    """What is to be added and deleted. A rule given twice counts once."""
    add, delete = [], []  # type: t.Tuple[t.List[str], t.List[str]]
    seen = []  # type: t.List[_rule.Rule]
    for text in texts:
        rule = _rule.parse(text, names)
        if rule in seen:
            continue
        seen.append(rule)
        loaded = listing.find(rule) is not None
        if state == 'present' and not loaded:
            add.append(text)
        elif state == 'absent' and loaded:
            delete.append(text)
    return add, delete


def predicted(listing, add, delete, names):
    # type: (_kernel.Listing, t.Sequence[str], t.Sequence[str], _kernel.HostNames) -> t.List[str]
    """What auditctl -l would list after these changes, as far as it can be known beforehand."""
    gone = {listing.find(_rule.parse(text, names)) for text in delete}
    return [line for index, line in enumerate(listing.lines) if index not in gone] + list(add)


def apply_changes(kernel, listing, add, delete, settings):
    # type: (_kernel.Kernel, _kernel.Listing, t.Sequence[str], t.Sequence[str], t.Mapping[str, int]) -> t.Tuple[t.List[str], t.List[str]]
    """Change the kernel, all or nothing."""
    before = kernel.status()
    added = kernel.load(add)
    deleted = []  # type: t.List[str]
    try:
        deleted = kernel.unload(delete, listing)
        kernel.set(settings)
    except _kernel.KernelError:
        for text in added:
            kernel.delete(text)
        for text in deleted:
            kernel.add(text)
        kernel.set({name: int(before[name]) for name in settings if name in before})
        raise
    return added, deleted


def run(module):  # type: (AnsibleModule) -> t.Dict[str, t.Any]
    runner = _module.runner(module)
    names = _module.host_names(runner)
    kernel = _kernel.Kernel(runner, names)
    status, listing = kernel.status(), kernel.list()
    add, delete = plan(module.params['state'], module.params['rules'], listing, names)
    settings = {
        name: module.params[name] for name in _kernel.SETTINGS if module.params[name] is not None and status.get(name) != module.params[name]
    }
    changed = bool(add or delete or settings)
    before = {'rules': listing.lines, 'status': status}
    after = {'rules': predicted(listing, add, delete, names), 'status': dict(status, **settings)}
    if changed:
        _kernel.require_unlocked(status)
    if changed and not module.check_mode:
        add, delete = apply_changes(kernel, listing, add, delete, settings)
        after = {'rules': kernel.list().lines, 'status': kernel.status()}
        changed = bool(add or delete or settings)
    return {
        'changed': changed,
        'added': add,
        'deleted': delete,
        'loaded': after['rules'],
        'status': after['status'],
        'diff': {'before': _text(before, settings), 'after': _text(after, settings)},
    }


def _text(state, settings):  # type: (t.Mapping[str, t.Any], t.Mapping[str, int]) -> str
    lines = list(state['rules']) + ['{0} {1}'.format(name, state['status'].get(name)) for name in sorted(settings)]
    return ''.join(line + '\n' for line in lines)


def main():  # type: () -> None
    module = AnsibleModule(
        argument_spec=dict(
            rules=dict(type='list', elements='str', default=[]),
            state=dict(type='str', choices=['present', 'absent'], default='present'),
            enabled=dict(type='int', choices=[0, 1]),
            backlog_limit=dict(type='int'),
            rate_limit=dict(type='int'),
            failure=dict(type='int', choices=[0, 1]),
            backlog_wait_time=dict(type='int'),
        ),
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except (_kernel.KernelError, _rule.RuleError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == '__main__':
    main()
