#!/usr/bin/python
# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: ausearch
short_description: Search the Linux audit log and return events as data
version_added: 0.1.0
description:
  - Searches the audit log of a host with C(ausearch) and returns each event decoded, as one dictionary instead of several lines of text.
  - Signals come back with their number and name, the process that sent them and every process that they were sent to.
  - A search that finds nothing succeeds with an empty list.
author:
  - linux_audit.fleet contributors (@linux-audit)
requirements:
  - ausearch (package C(audit) or C(auditd)), 2.3.7 or newer
extends_documentation_fragment:
  - linux_audit.fleet.attributes
attributes:
  check_mode:
    support: full
    details:
      - Without O(dest) and O(cursor) this module changes nothing on the host. In check mode neither file is written.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A search changes nothing. With O(dest) the file changes when the events do; with O(cursor) each run goes on where the last one ended.
options:
  event_ids:
    description:
      - Return only events with one of these serial numbers.
    type: list
    elements: str
    default: []
  arches:
    description:
      - Return only system calls of one of these architectures, such as V(x86_64) or V(i386), or of V(b64) or V(b32).
    type: list
    elements: str
    default: []
  keys:
    description:
      - Return only events of rules with one of these keys.
      - The whole key must be equal, other than with C(ausearch -k), which also finds V(signal_send2) when asked for V(signal_send).
    type: list
    elements: str
    default: []
  types:
    description:
      - Return only events with a record of one of these types, by name such as V(SYSCALL) or V(USER_LOGIN), or by number.
    type: list
    elements: str
    default: []
  syscalls:
    description:
      - Return only events of one of these system calls, by name or number, whatever the architecture.
    type: list
    elements: str
    default: []
  exits:
    description:
      - Return only system calls that returned one of these values, as a number or as the name of an error such as V(EPERM).
    type: list
    elements: str
    default: []
  comms:
    description:
      - Return only events of processes with one of these names. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  exes:
    description:
      - Return only events of one of these programs. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  files:
    description:
      - Return only events about one of these files or directories. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  pids:
    description:
      - Return only events of one of these processes.
    type: list
    elements: str
    default: []
  ppids:
    description:
      - Return only events of processes with one of these parents.
    type: list
    elements: str
    default: []
  sessions:
    description:
      - Return only events of one of these login sessions, or V(unset).
    type: list
    elements: str
    default: []
  terminals:
    description:
      - Return only events of one of these terminals. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  hosts:
    description:
      - Return only events with one of these remote hosts or addresses. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  nodes:
    description:
      - Return only events that carry one of these node names.
    type: list
    elements: str
    default: []
  uids:
    description:
      - Return only events of one of these users. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  euids:
    description:
      - Return only events of one of these effective users. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  auids:
    description:
      - Return only events of one of these login users, who stay the same through C(su) and C(sudo). By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  all_uids:
    description:
      - Return only events in which one of these is user, effective user or login user. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  gids:
    description:
      - Return only events of one of these groups. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  egids:
    description:
      - Return only events of one of these effective groups. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  all_gids:
    description:
      - Return only events in which one of these is group or effective group. By number, by name, or V(unset).
    type: list
    elements: str
    default: []
  subjects:
    description:
      - Return only events whose subject has one of these security labels. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  objects:
    description:
      - Return only events whose object has one of these security labels. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  contexts:
    description:
      - Return only events whose subject or object has one of these security labels. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  uuids:
    description:
      - Return only events of virtual machines with one of these UUIDs. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  vm_names:
    description:
      - Return only events of virtual machines with one of these names. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  signals:
    description:
      - Return only events that send one of these signals, by name such as V(KILL) or V(SIGTERM), or by number.
      - V(0) is the probe that sends nothing. Real-time signals have numbers only.
    type: list
    elements: str
    default: []
  target_pids:
    description:
      - Return only events that send a signal to one of these processes, or trace it.
    type: list
    elements: str
    default: []
  target_comms:
    description:
      - Return only events that send a signal to a process with one of these names, or trace it. Without O(word) a part of it is enough.
    type: list
    elements: str
    default: []
  success:
    description: Return only system calls, logins and other events that succeeded, or only those that did not.
    type: str
    choices: ["yes", "no"]
  word:
    description: Whether names, files, labels and the like must be equal as a whole.
    type: bool
    default: false
  start:
    description:
      - Return only events from this time on.
      - ISO 8601 (V(2026-11-23), V(2026-11-23T10:41:12), V(2026-11-23T10:41:12+01:00)); without a zone it is the local time of the host.
      - Seconds since the epoch, with or without a fraction.
      - A time ago, such as V(30s), V(10m), V(2h), V(3d) or V(1w).
      - One of V(now), V(recent) (ten minutes ago), V(boot), V(today), V(yesterday), V(this-week), V(week-ago), V(this-month), V(this-year).
    type: str
  end:
    description:
      - Return only events up to this time, in the same forms as O(start).
      - A time without a fraction of a second covers the whole second, a date alone the whole day.
    type: str
  eoe_timeout:
    description: How many seconds records of an event can be apart. The default is what C(auditd.conf) says. Needs an C(ausearch) that knows C(--eoe-timeout).
    type: int
  input_file:
    description:
      - Search these files instead of the host's own log.
      - A directory stands for the C(audit.log) in it and the rotated C(audit.log.1), C(audit.log.2) and so on.
      - Users and groups of such a log keep their numbers only, unless the log itself holds their names.
    type: list
    elements: path
    default: []
  cursor:
    description:
      - A file on the host that says how far the last search with it went. Only events that are new since then are returned.
      - Its directory must exist. The newest three seconds are left to the next run, because their events may not be complete yet.
      - Use one file for one search. An event is neither lost nor repeated by a rotation, a reboot or a clock that is set back.
    type: path
  limit:
    description:
      - Return at most this many events, or groups with O(aggregate_by). RV(count) has the number of all.
      - Does not apply to O(dest).
    type: int
    default: 1000
  order:
    description: Whether the oldest or the newest events are returned, in this order.
    type: str
    choices: [oldest, newest]
    default: oldest
  aggregate_by:
    description:
      - Count events by these fields on the host and return RV(aggregates) instead of events.
      - Any field of an event by its dotted name, such as V(process.exe), V(signal.name), V(targets.comm) or V(user.auid.name).
      - An event with several targets counts once for each, when a field of the targets is among them.
    type: list
    elements: str
    default: []
  fields:
    description: Return only these fields of each event, by their dotted names. The default is all.
    type: list
    elements: str
    default: []
  records:
    description: Whether every event also gets C(records), all its records with their fields and their text.
    type: bool
    default: false
  schema:
    description:
      - The names of an event's fields, this collection's own or those of the Elastic Common Schema 8.
    type: str
    choices: [audit, ecs]
    default: audit
  dest:
    description:
      - Write all events to this file on the host instead of returning them, one line of JSON each, for M(ansible.builtin.fetch).
      - A name that ends in C(.gz) or C(.zst) says how to compress it; the latter needs the command C(zstd).
      - The file can be read by its owner only.
    type: path
  timeout:
    description: After this many seconds stop and return what was found until then. RV(timed_out) says so.
    type: int
"""

EXAMPLES = r"""
- name: Find who has sent signals in the last two hours
  linux_audit.fleet.ausearch:
    keys:
      - signal_send
    start: 2h
  register: search

- name: Show sender, signal and target
  ansible.builtin.debug:
    msg: "{{ search.events | linux_audit.fleet.signals(host=inventory_hostname) }}"

- name: Count who kills what
  linux_audit.fleet.ausearch:
    keys:
      - signal_send
    signals:
      - KILL
    aggregate_by:
      - process.exe
      - user.auid.name
      - targets.comm
    start: today

- name: Write what is new since the last run to a file
  linux_audit.fleet.ausearch:
    keys:
      - signal_send
    cursor: /var/lib/linux_audit_fleet/signal_send.cursor
    dest: /var/lib/linux_audit_fleet/events.ndjson.gz
"""

RETURN = r"""
events:
  description:
    - The events found, in the order of O(order). Empty with O(dest) or O(aggregate_by).
    - Every string is valid UTF-8. A byte that is not becomes C(\\xNN) with two lower-case hexadecimal digits; a backslash that stands before an C(x)
      and two such digits becomes C(\\x5c), and any other backslash stays, so that the bytes can be had back.
  returned: success
  type: list
  elements: dict
  sample:
    - id: "1795430472.834:8"
      serial: 8
      time: "2026-11-23T10:41:12.834Z"
      node: null
      keys: [signal_send]
      types: [SYSCALL, OBJ_PID, PROCTITLE]
      syscall:
        name: kill
        number: 62
        arch: x86_64
        abi: b64
        success: true
        exit: 0
        errno: null
        args: ["0xb2e", "0x9", "0x0", "0x7f41ab2a3ac0"]
        arguments: {pid: 2862, sig: SIGKILL}
      process:
        pid: 2863
        ppid: 2860
        comm: bash
        exe: /usr/bin/bash
        cmdline: [bash, "-c", "kill -9 2862"]
        cmdline_from: proctitle
        cmdline_cut: false
        cwd: null
        tty: null
        session: null
      user:
        auid: {id: null, name: null}
        uid: {id: 0, name: root}
      signal: {number: 9, name: SIGKILL}
      targets:
        - pid: 2862
          comm: sleep
          uid: {id: 0, name: root}
          auid: {id: null, name: null}
          session: null
      paths: []
      address: null
      details: {}
count:
  description: How many events matched.
  returned: success
  type: int
  sample: 1
truncated:
  description: Whether there were more events than O(limit).
  returned: success
  type: bool
  sample: false
aggregates:
  description: The groups of O(aggregate_by), the most frequent first.
  returned: success
  type: list
  elements: dict
  contains:
    group:
      description: The values that the events of this group share, by the names given.
      type: dict
      sample: {process.exe: /usr/bin/kill, targets.comm: sleep}
    count:
      description: How many there are.
      type: int
      sample: 3
    first:
      description: The time of the first one.
      type: str
      sample: "2026-11-23T10:41:12.834Z"
    last:
      description: The time of the last one.
      type: str
      sample: "2026-11-23T10:52:00.001Z"
timed_out:
  description: Whether the search was stopped by O(timeout). RV(count) and the rest are then about what had been seen.
  returned: success
  type: bool
  sample: false
start:
  description: The time that O(start) means on this host, V(null) without it.
  returned: success
  type: str
  sample: "2026-11-22T10:41:12.000Z"
log_begins:
  description:
    - The time of the oldest record of the log, V(null) when it has none.
    - When this is later than RV(start), what happened between the two is not in the log, or no longer.
  returned: success
  type: str
  sample: "2026-11-01T00:00:03.120Z"
dest:
  description: The file that was written.
  returned: when O(dest) is given
  type: str
  sample: /var/tmp/events.ndjson.gz
malformed:
  description: Lines of the log that are no audit records, or that C(ausearch) could not read.
  returned: success
  type: dict
  contains:
    count:
      description: How many there were.
      type: int
      sample: 0
    first:
      description: The first few of them.
      type: list
      elements: str
      sample: []
tested:
  description:
    - The options that this module tested itself, because C(ausearch) cannot (several values, exact keys) or because this host's version lacks them.
  returned: success
  type: list
  elements: str
  sample: [keys]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ausearch, _cursor, _logs, _output, _parallel, _search, _select


def argument_spec():  # type: () -> t.Dict[str, t.Any]
    spec = {name: {'type': 'list', 'elements': 'str', 'default': []} for name in _select.OPTIONS}  # type: t.Dict[str, t.Any]
    spec['keys']['no_log'] = False
    spec['success'] = {'type': 'str', 'choices': ['yes', 'no']}
    spec.update(
        start={'type': 'str'},
        end={'type': 'str'},
        word={'type': 'bool', 'default': False},
        eoe_timeout={'type': 'int'},
        input_file={'type': 'list', 'elements': 'path', 'default': []},
        cursor={'type': 'path'},
        limit={'type': 'int', 'default': 1000},
        order={'type': 'str', 'choices': ['oldest', 'newest'], 'default': 'oldest'},
        aggregate_by={'type': 'list', 'elements': 'str', 'default': []},
        fields={'type': 'list', 'elements': 'str', 'default': []},
        records={'type': 'bool', 'default': False},
        schema={'type': 'str', 'choices': ['audit', 'ecs'], 'default': 'audit'},
        dest={'type': 'path'},
        timeout={'type': 'int'},
    )
    return spec


def main():  # type: () -> None
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = dict(module.params, success=[module.params['success']] if module.params['success'] else [])
    tool = _ausearch.Tool(module.get_bin_path('ausearch', required=True))
    try:
        run = _search.Run(params, tool, module.check_mode)
        result = run.run()
    except _search.OptionError as error:
        module.fail_json(msg=str(error))
    except _logs.LogError as error:
        module.fail_json(msg='input_file: %s' % error if params['input_file'] else str(error))
    except _output.OutputError as error:
        module.fail_json(msg='dest: %s' % error)
    except _cursor.CursorError as error:
        module.fail_json(msg='cursor: %s' % error)
    except _parallel.HelperError:
        module.fail_json(msg='The second process of this search ended before its time: is this host short of memory?')
    except _ausearch.AusearchError as error:
        module.fail_json(msg='ausearch: %s' % error)
    for warning in run.warnings:
        module.warn(warning)
    module.exit_json(changed=run.changed, **result)


if __name__ == '__main__':
    main()
