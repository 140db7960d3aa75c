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

import re
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _ledger, _module, _ruleset

NAME_RE = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$')


def options(params):  # type: (t.Mapping[str, t.Any]) -> _ruleset.Options
    return _ruleset.Options(
        name=params['name'],
        rules=tuple(params['rules']),
        header=params['header'],
        scope=params['scope'],
        loader=params['loader'],
        kernel=params['kernel'],
        immutable=params['immutable'],
        settings={name: value for name, value in params['settings'].items() if value is not None},
    )


def run(module):  # type: (AnsibleModule) -> t.Dict[str, t.Any]
    """Do it for the name, or one after the other for all that have a record."""
    names = [module.params['name']]
    if names == ['all']:
        names = _ledger.Ledger().names() or ['all']
    results = [run_name(module, options(dict(module.params, name=name))) for name in names]
    merged = results.pop()  # the last name to go knows what there was before all of them
    for result in results:
        for key in ('added', 'deleted', 'files', 'diff'):
            merged[key] = result[key] + merged[key]
        merged['changed'] = result['changed'] or merged['changed']
    return merged


def run_name(module, wanted):  # type: (AnsibleModule, _ruleset.Options) -> t.Dict[str, t.Any]
    runner = _module.runner(module)
    ruleset = _ruleset.Ruleset(runner, _module.host_names(runner), _ledger.Ledger(), wanted)
    state = module.params['state']
    result = _ruleset.Result()
    if state == 'present':
        result = ruleset.present(module.check_mode)
    elif state == 'absent':
        result = ruleset.absent(module.check_mode)
    elif state == 'noted' and not module.check_mode:
        ruleset.note(module.params['packages'], module.params['start'], module.params['service_enabled'])
    elif state == 'forgotten' and not module.check_mode:
        ruleset.forget()
    for warning in result.warnings:
        module.warn(warning)
    return {
        'changed': result.changed,
        'added': result.added,
        'deleted': result.deleted,
        'files': result.files,
        'in_kernel': result.in_kernel,
        'at_boot': result.at_boot,
        'packages_before': ruleset.host['packages'] if ruleset.last() else None,
        'directories_before': ruleset.host['directories'],
        'service_enabled_before': ruleset.host['service_enabled'] if ruleset.last() else None,
        'diff': result.diff,
    }


def main():  # type: () -> None
    settings = dict(
        enabled=dict(type='int', choices=[0, 1]),
        backlog_limit=dict(type='int'),
        rate_limit=dict(type='int'),
        failure=dict(type='int', choices=[0, 1]),
        backlog_wait_time=dict(type='int'),
    )
    module = AnsibleModule(
        argument_spec=dict(
            name=dict(type='str', default='syscall_audit'),
            state=dict(type='str', choices=['present', 'absent', 'noted', 'forgotten'], default='present'),
            rules=dict(type='list', elements='str', default=[]),
            header=dict(type='str', default='# Managed by Ansible, linux_audit.fleet.'),
            scope=dict(type='str', choices=['both', 'runtime', 'persistent'], default='both'),
            loader=dict(type='str', choices=['auto', 'augenrules', 'audit_rules'], default='auto'),
            kernel=dict(type='str', choices=['auto', 'required', 'skip'], default='auto'),
            immutable=dict(type='str', choices=['fail', 'stage'], default='fail'),
            settings=dict(type='dict', default={}, options=settings),
            packages=dict(type='list', elements='str'),
            service_enabled=dict(type='bool'),
            start=dict(type='bool', default=False),
        ),
        supports_check_mode=True,
    )
    if not NAME_RE.match(module.params['name']) or (module.params['name'] == 'all' and module.params['state'] in ('present', 'noted')):
        module.fail_json(
            msg='name: {0!r} must be letters, digits, _ and -, at most 64; it becomes a file name. '
            'all is for state=absent only'.format(module.params['name'])
        )
    if any(not line.startswith('#') for line in module.params['header'].rstrip('\n').split('\n')):
        module.fail_json(msg='header: each line must begin with #, because it is written into a rules file')
    try:
        with _files.Lock(_ruleset.LOCK, _ruleset.LOCK_SECONDS):
            result = run(module)
    except _ruleset.Errors as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == '__main__':
    main()
