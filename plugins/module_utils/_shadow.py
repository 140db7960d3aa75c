# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that take the events of other rules away. This file is private to the collection.

Pure: no Ansible, no I/O. Of the rules in a list the first one that matches a call decides, and logs it under its own keys
(audit_filter_rules, kernel/auditsc.c). Only what is certain is found: where every call that our rule matches matches the earlier one too.
"""

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _rule


def _conditions(rule):  # type: (_rule.Rule) -> t.FrozenSet[_rule.Field]
    return frozenset(field for field in rule.fields if field.name != 'key')


def taken(earlier, rule):  # type: (_rule.Rule, _rule.Rule) -> t.Optional[t.FrozenSet[_rule.Value]]
    """The syscalls whose events the earlier rule takes from this one; empty for all of them, None for none."""
    if earlier.list != 'exit' or rule.list != 'exit' or earlier.arch not in (None, rule.arch):
        return None
    if earlier.action == 'always' and set(_rule.keys(rule)) <= set(_rule.keys(earlier)):
        return None
    if not _conditions(earlier) <= _conditions(rule):
        return None
    if earlier.syscalls is None:
        return frozenset()
    # Without arch a number stands for another syscall on each ABI.
    common = earlier.syscalls & (rule.syscalls or frozenset()) if earlier.arch else frozenset()  # type: t.FrozenSet[_rule.Value]
    return common or None


def sentence(earlier, line, rule, syscalls):  # type: (_rule.Rule, str, _rule.Rule, t.FrozenSet[_rule.Value]) -> str
    """What happens to the events, for a reader who sees `auditctl -l`."""
    arch = rule.arch or ''
    names = sorted(str(_abi.syscall_name(arch, number) or number) if isinstance(number, int) else number for number in syscalls)
    what = ', '.join(names) if names else 'all syscalls'
    if earlier.action == 'never':
        return 'The rule "{0}" stands before ours: it keeps {1} ({2}) from being logged.'.format(line, what, arch)
    keys = ', '.join(_rule.keys(earlier)) or 'no key'
    return 'The rule "{0}" stands before ours: {1} ({2}) is logged under {3}, not under {4}.'.format(line, what, arch, keys, ', '.join(_rule.keys(rule)))
