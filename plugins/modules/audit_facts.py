#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: audit_facts
short_description: Find out what a host's audit system can do
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Finds the kernel's version, the ABIs that it runs programs of, which of the given syscalls exist on each ABI, the version and state of the
    audit system, and how rules are loaded when the host boots.
  - Nothing on the host is changed.
extends_documentation_fragment:
  - linux_audit.fleet.attributes
  - linux_audit.fleet.attributes.facts
  - linux_audit.fleet.attributes.info
options:
  syscalls:
    description:
      - Names of syscalls to look for.
    type: list
    elements: str
    default: []
  paths:
    description:
      - Files, directories and programs to look for.
    type: list
    elements: str
    default: []
  users:
    description:
      - Names of users to look for.
    type: list
    elements: str
    default: []
  groups:
    description:
      - Names of groups to look for.
    type: list
    elements: str
    default: []
  transport:
    description:
      - V(raw) is for hosts without Python. One shell script asks the host through C(ansible.builtin.raw), and the controller reads its answers.
        The host needs sh and the usual small programs (POSIX).
    type: str
    choices: [python, raw]
    default: python
notes:
  - Whether a syscall exists is read from C(/proc/kallsyms), which knows what a vendor has backported or left out. Where that can not be read, the
    kernel's version decides.
  - Without root, or without the package of the audit userspace, the module still succeeds, with RV(ansible_facts.linux_audit.reachable)
    being V(false) and the reason beside it.
seealso:
  - module: linux_audit.fleet.auditctl
  - plugin: linux_audit.fleet.compile_rules
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look for the syscalls that send signals
  linux_audit.fleet.audit_facts:
    syscalls: [kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal]

- name: Look for what a rule watches
  linux_audit.fleet.audit_facts:
    paths: [/etc/shadow, /usr/bin/sudo]
    users: [chrony]

- name: Look at a host without Python
  linux_audit.fleet.audit_facts:
    syscalls: [kill]
    transport: raw

- name: Say why a host can not be audited
  ansible.builtin.debug:
    msg: "{{ ansible_facts.linux_audit.unreachable_reason }}"
  when: not ansible_facts.linux_audit.reachable
"""

RETURN = r"""
ansible_facts:
  description: Facts to add to the host's facts.
  returned: always
  type: dict
  contains:
    linux_audit:
      description: What the host's audit system can do.
      returned: always
      type: dict
      contains:
        kernel:
          description:
            - The kernel's C(release), its C(version) as a list of numbers, the C(machine), and C(audit_parameter), the value of C(audit=) on
              its command line, V(null) when there is none.
          returned: always
          type: dict
          sample: {release: 6.1.0-28-amd64, version: [6, 1, 0], machine: x86_64, audit_parameter: null}
        abis:
          description: The architecture behind each ABI that rules can be written for.
          returned: always
          type: dict
          sample: {b64: x86_64, b32: i386}
        missing_abis:
          description: Why an ABI that such machines can have is not there.
          returned: always
          type: dict
          sample: {b32: "the kernel was built without support for 32-bit programs"}
        x32:
          description: Whether the kernel was booted with C(syscall.x32) switched on. Calls of that ABI match no rule that names syscalls.
          returned: always
          type: bool
          sample: false
        syscalls:
          description:
            - For each ABI and each of O(syscalls) its C(number), whether it C(exists) in this kernel, C(how) that is known (V(kallsyms), V(version), or
              V(table) when the architecture has no such syscall), the C(reason) why it does not exist, and whether it is C(named) by the installed
              audit userspace; when not, a rule must give the number.
          returned: always
          type: dict
          sample: {b64: {kill: {number: 62, exists: true, how: kallsyms, reason: null, named: true}}}
        paths:
          description: For each of O(paths) where it leads to through symbolic links, V(null) when it does not exist.
          returned: always
          type: dict
          sample: {/sbin/shutdown: /usr/bin/systemctl, /etc/security/opasswd: null}
        users:
          description: For each of O(users) the number, V(null) when the host has no such user.
          returned: always
          type: dict
          sample: {chrony: 994}
        groups:
          description: For each of O(groups) the number, V(null) when the host has no such group.
          returned: always
          type: dict
          sample: {wheel: 10, docker: null}
        cgroup2:
          description: The C(directory) of cgroup2 below which a write to C(cgroup.kill) kills processes, V(null) with a C(reason) when there is none.
          returned: always
          type: dict
          sample: {directory: /sys/fs/cgroup, reason: null}
        userspace:
          description: The C(version) of the audit userspace and the C(paths) of its programs, V(null) where there is none.
          returned: always
          type: dict
          sample: {version: 3.0.9, paths: {auditctl: /usr/sbin/auditctl, augenrules: /usr/sbin/augenrules}}
        status:
          description: What C(auditctl -s) shows, numbers as integers. Empty when the kernel can not be reached.
          returned: always
          type: dict
          sample: {enabled: 1, failure: 1, pid: 812, rate_limit: 0, backlog_limit: 8192, lost: 0, backlog: 0}
        auditd_running:
          description: Whether an audit daemon is connected to the kernel.
          returned: always
          type: bool
          sample: true
        reachable:
          description: Whether the kernel's rules can be read and changed from here.
          returned: always
          type: bool
          sample: true
        unreachable_reason:
          description: Why not, and what to do about it.
          returned: always
          type: str
          sample: null
        never_task:
          description: The loaded rule that switches auditing off for all new processes, V(null) when there is none.
          returned: always
          type: str
          sample: -a never,task
        never_task_files:
          description: The files in which such a rule waits for the next boot.
          returned: always
          type: list
          elements: str
          sample: [/etc/audit/rules.d/10-no-audit.rules]
        unaudited:
          description:
            - How many processes, C(count), were started before auditd, or run now where auditd does not. The kernel does not audit them until they are
              started anew, unless it was booted with C(audit=1). The C(oldest) five of them are named with C(pid) and C(comm).
          returned: always
          type: dict
          sample: {count: 2, oldest: [{pid: 1, comm: systemd}, {pid: 310, comm: systemd-journal}]}
        container:
          description: The kind of container that this host is, V(null) when it is none.
          returned: always
          type: str
          sample: podman
        loader:
          description:
            - How rules are loaded at boot. C(kind) is V(augenrules) or V(audit_rules); C(by) names the unit or file that says so and C(how) quotes it;
              C(file) is the file that is loaded, C(directory) the one that C(augenrules) reads.
          returned: always
          type: dict
          sample:
            kind: augenrules
            by: auditd.service
            how: -/sbin/augenrules --load
            file: /etc/audit/audit.rules
            directory: /etc/audit/rules.d
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _facts, _module


def main():  # type: () -> None
    module = AnsibleModule(
        argument_spec=_facts.ARGUMENT_SPEC,
        supports_check_mode=True,
    )
    problem = _facts.problem(module.params)
    if problem:
        module.fail_json(msg=problem)
    run = _module.runner(module)
    facts = _facts.gather(run, _module.host_names(run), module.params)
    module.exit_json(changed=False, ansible_facts={'linux_audit': facts})


if __name__ == '__main__':
    main()
