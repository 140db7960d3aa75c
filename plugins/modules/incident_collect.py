#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: incident_collect
short_description: Search a host's audit log and keep the answer on the controller
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Runs M(linux_audit.fleet.ausearch) on the host and writes the events to the incident's folder on the controller, so that Ansible
    itself does not hold the events of all hosts in memory.
  - The host's state is looked at with M(linux_audit.fleet.auditctl). Whatever may have kept events from the log (auditing off, no rule with
    one of O(keys), records lost, a log that begins too late) is written to the folder.
  - The folder is told too when the host is unreachable or the search fails, with the reason. The task fails all the same.
  - A part of the role P(linux_audit.fleet.incident#role), which is the way to use it.
extends_documentation_fragment:
  - linux_audit.fleet.attributes
attributes:
  check_mode:
    support: full
    details:
      - The host is searched, the controller's folder is left alone.
  diff_mode:
    support: N/A
    details:
      - This action does not modify the host.
  idempotent:
    support: full
    details:
      - A second answer of a host replaces the first.
options:
  folder:
    description:
      - The incident's folder on the controller, as M(linux_audit.fleet.incident_open) made it.
    type: path
    required: true
  keys:
    description:
      - Keys of the audit rules whose events are searched, all when it is empty.
    type: list
    elements: str
    default: []
  since:
    description:
      - The O(linux_audit.fleet.ausearch#module:start) of M(linux_audit.fleet.ausearch).
    type: str
  until:
    description:
      - The O(linux_audit.fleet.ausearch#module:end) of M(linux_audit.fleet.ausearch).
    type: str
  process:
    description:
      - The PID (digits only) or name of the process that received the signal. Of a path the last part counts, of that the first 15 bytes.
    type: str
    default: ""
  sender:
    description:
      - The PID (digits only), name, or path (with a C(/) in it) of the program that sent the signal.
    type: str
    default: ""
  signals:
    description:
      - Names or numbers of signals, all when it is empty.
    type: list
    elements: str
    default: []
  limit:
    description:
      - How many events the host may send, the newest ones.
    type: int
    required: true
  input_files:
    description:
      - Audit logs on the host to search, in place of the one that is being written.
    type: list
    elements: path
    default: []
  transport:
    description:
      - V(raw) is for hosts without Python. The host's C(ausearch) is run by a shell script through C(ansible.builtin.raw), and its answer, at most
        8 MiB for each of O(keys), is read on the controller.
    type: str
    choices: [python, raw]
    default: python
seealso:
  - module: linux_audit.fleet.ausearch
  - module: linux_audit.fleet.incident_report
"""

EXAMPLES = r"""
- name: Collect who killed nginx
  linux_audit.fleet.incident_collect:
    folder: "{{ incident.folder }}"
    keys: [signal_send]
    since: today
    process: nginx
    signals: [KILL]
    limit: 1000
"""

RETURN = r"""
count:
  description: How many events were written to the folder.
  returned: always
  type: int
  sample: 2
truncated:
  description: Whether the host has more events than it was allowed to send.
  returned: always
  type: bool
  sample: false
"""
