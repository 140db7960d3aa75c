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
  - linux_audit.fleet.attributes.info
options:
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
  input_file:
    description:
      - Search these files instead of the host's own log.
      - A directory stands for the C(audit.log) in it and the rotated C(audit.log.1), C(audit.log.2) and so on.
      - Users and groups of such a log keep their numbers only, unless the log itself holds their names.
    type: list
    elements: path
    default: []
  limit:
    description:
      - Return at most this many events, the oldest ones. RV(count) has the number of all.
    type: int
    default: 1000
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
"""

RETURN = r"""
events:
  description: The events found, the oldest first.
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
  description: Whether there were more than O(limit).
  returned: success
  type: bool
  sample: false
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

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ausearch, _collect, _event, _local, _logs, _select, _stream, _time

CRITERIA = ('keys', 'types')


def argument_spec():  # type: () -> t.Dict[str, t.Any]
    spec = {name: {'type': 'list', 'elements': 'str', 'default': []} for name in CRITERIA}  # type: t.Dict[str, t.Any]
    spec['keys']['no_log'] = False
    spec.update(
        start={'type': 'str'},
        end={'type': 'str'},
        input_file={'type': 'list', 'elements': 'path', 'default': []},
        limit={'type': 'int', 'default': 1000},
    )
    return spec


def point_in_time(params, name):  # type: (t.Dict[str, t.Any], str) -> t.Optional[int]
    """Milliseconds since the epoch, or None when the option is not given. Raises ValueError that begins with the option's name."""
    if params[name] is None:
        return None
    try:
        return _time.parse(params[name], time.time(), _local.boot_time(), end=name == 'end')
    except ValueError as error:
        raise ValueError('%s: %s' % (name, error)) from error


def search(tool, params):  # type: (_ausearch.Tool, t.Dict[str, t.Any]) -> t.Dict[str, t.Any]
    """Run the search; the module's result. Raises ValueError, LogError and AusearchError."""
    if params['limit'] < 0:
        raise ValueError('limit: %d is negative: give a number of events, 0 for none' % params['limit'])
    start, end = point_in_time(params, 'start'), point_in_time(params, 'end')
    plan = _select.plan({name: params[name] for name in CRITERIA if params[name]}, False, tool.options)
    tests = plan.tests + [test for test in [_select.window(start, end)] if test]
    decoder = _event.Decoder() if params['input_file'] else _event.Decoder(_local.name_of)
    malformed = _stream.Malformed()
    collector = _collect.Collector(params['limit'], newest=False)
    with _logs.open_given(params['input_file']) if params['input_file'] else _logs.open_configured() as logs:
        run = _ausearch.Search(tool, logs, plan.arguments, start, end)
        for event in _stream.sorted_events(_stream.lines(run.chunks(malformed)), decoder, malformed):
            if all(test(event) for test in tests):
                collector.add(event)
    return {
        'events': [event.as_dict() for event in collector.events()],
        'count': collector.count,
        'truncated': collector.truncated,
        'malformed': malformed.as_dict(),
        'tested': plan.tested,
    }


def main():  # type: () -> None
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    tool = _ausearch.Tool(module.get_bin_path('ausearch', required=True))
    try:
        result = search(tool, module.params)
    except _logs.LogError as error:
        module.fail_json(msg='input_file: %s' % error if module.params['input_file'] else str(error))
    except _ausearch.AusearchError as error:
        module.fail_json(msg='ausearch: %s' % error)
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == '__main__':
    main()
