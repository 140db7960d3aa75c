#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: incident_report
short_description: Report who sent which signal to whom from what was collected of all hosts
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Merges what M(linux_audit.fleet.incident_collect) brought into the folder of an incident. It writes C(report.html), C(events.ndjson),
    C(events.ecs.ndjson), C(signals.csv) and C(summary.json) there, which only the user who runs Ansible can read, and returns the incident
    as lines to print.
  - Names and command lines come from whoever started the process. In RV(lines) and C(signals.csv) whatever is not plainly seen
    (control characters, terminal escapes, bidi marks, newlines) is written as in a string of Python, for example V(\\x1b), and a backslash is doubled.
    In C(signals.csv) an apostrophe goes before what a spreadsheet would take for a formula.
  - A part of the role P(linux_audit.fleet.incident#role), which is the way to use it.
extends_documentation_fragment:
  - linux_audit.fleet.attributes
attributes:
  check_mode:
    support: none
    details:
      - It is skipped in check mode.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - It always writes the files anew, with the same content when nothing else was collected.
options:
  folder:
    description:
      - The incident's folder on the controller.
    type: path
    required: true
  hosts:
    description:
      - The hosts that were to be searched. Those without an answer in the folder are named as not searched.
    type: list
    elements: str
    default: []
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
  noise:
    description:
      - Whether the table also has signals that are otherwise only counted, which are signal 0, and, when O(process) and O(sender) are empty, signals of a
        process to itself, from PID 1, and from a parent to its child.
    type: bool
    default: false
  rows:
    description:
      - How many signals, the newest ones, the table has.
    type: int
    default: 100
seealso:
  - module: linux_audit.fleet.incident_open
  - module: linux_audit.fleet.incident_collect
"""

EXAMPLES = r"""
- name: Write the report
  linux_audit.fleet.incident_report:
    folder: "{{ incident.folder }}"
    hosts: "{{ ansible_play_hosts_all }}"
  register: report
  run_once: true

- name: Show it
  ansible.builtin.debug:
    msg: "{{ report.lines }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: The incident for the terminal, safe to print.
  returned: success
  type: list
  elements: str
  sample:
    - 1 signal on 1 host, since 1d ago, in the logs of 2 of 2 hosts.
summary:
  description: What C(summary.json) says.
  returned: success
  type: dict
  contains:
    verdict:
      description: The result in a sentence or two.
      type: str
      sample: 1 signal on 1 host, since 1d ago, in the logs of 2 of 2 hosts.
    complete:
      description: Whether every host was searched and gave everything that it recorded.
      type: bool
      sample: true
    events:
      description: How many events C(events.ndjson) has.
      type: int
      sample: 1
    signals:
      description: How many rows C(signals.csv) has, one for each signal and target.
      type: int
      sample: 1
    set_apart:
      description: How many of RV(summary.signals) were set apart, by reason.
      type: dict
      sample: {"probe": 3}
    searches:
      description: The different searches that the hosts were asked for.
      type: list
      elements: dict
      sample: [{"keys": ["signal_send"], "process": "", "sender": "", "signals": [], "since": "1d ago", "until": null}]
    groups:
      description:
        - The most frequent kinds of signals that are not set apart, at most 50. C(hosts) is the number of hosts they were seen on.
        - The C(host) is that of the first one, as are the C(parents), the sender's parents as far as events tell them.
      type: list
      elements: dict
      sample:
        - comm: bash
          count: 2
          exe: /usr/bin/bash
          first: "2026-11-23T10:41:12.834Z"
          host: web1
          hosts: 1
          last: "2026-11-23T10:41:14.112Z"
          login: alice
          parents: [{"comm": "sshd", "pid": 2860}]
          result: ok
          session: 3
          signal: SIGKILL
          tty: pts0
          user: root
          victim: nginx
    group_count:
      description: How many kinds of signals there are.
      type: int
      sample: 1
    hosts:
      description:
        - How the search went on each host. Each of C(concerns) is a code and a detail, saying why the log may lack events.
      type: list
      elements: dict
      sample: [{"concerns": [], "host": "web1", "reason": null, "search": null, "status": "searched", "truncated": false}]
"""
