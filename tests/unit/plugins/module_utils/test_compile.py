# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _compile, _profile
from ansible_collections.linux_audit.fleet.tests.unit.plugins import hosts

SIGNALS = ['kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal']
SEND = {'key': 'signal_send', 'syscalls': SIGNALS}


def compiled(rules, machine='x86_64', kernel='6.1.0', missing='leave_out', **changes):
    specs = _profile.specifications([], rules, [])
    return _compile.compile_rules(specs, hosts.facts(machine, kernel, _profile.needs(specs), **changes), missing)


def lines(*rules, **options):
    return compiled(rules, **options)['rules']


def reasons(*rules, **options):
    return [(left['abi'], left['syscall'], left['reason']) for left in compiled(rules, **options)['left_out']]


def test_one_rule_per_abi():
    names = ' '.join('-S ' + name for name in SIGNALS)
    assert lines(SEND) == ['-a always,exit -F arch={0} {1} -k signal_send'.format(abi, names) for abi in ('b64', 'b32')]


def test_the_signal_is_another_argument_of_some_syscalls():
    assert lines(dict(SEND, signals=['KILL', 'TERM'], abis=['b64'])) == [
        '-a always,exit -F arch=b64 -S kill -S tkill -S rt_sigqueueinfo -S pidfd_send_signal -F a1=9 -k signal_send',
        '-a always,exit -F arch=b64 -S kill -S tkill -S rt_sigqueueinfo -S pidfd_send_signal -F a1=15 -k signal_send',
        '-a always,exit -F arch=b64 -S tgkill -S rt_tgsigqueueinfo -F a2=9 -k signal_send',
        '-a always,exit -F arch=b64 -S tgkill -S rt_tgsigqueueinfo -F a2=15 -k signal_send',
    ]


def test_what_the_kernel_lacks_is_left_out_with_the_reason():
    assert reasons(SEND, kernel='2.6.18') == [
        (abi, name, '{0} came with Linux {1}'.format(name, first))
        for abi in ('b64', 'b32')
        for name, first in (('rt_tgsigqueueinfo', '2.6.31'), ('pidfd_send_signal', '5.1'))
    ]
    assert 'rt_tgsigqueueinfo' not in ' '.join(lines(SEND, kernel='2.6.18'))


def test_what_only_userspace_lacks_is_written_by_number():
    result = compiled([dict(SEND, abis=['b64'])], audit='2.8.5')
    assert result['rules'][0].split()[-4:] == ['-S', '424', '-k', 'signal_send']
    assert result['by_number'] == [{'key': 'signal_send', 'abi': 'b64', 'syscall': 'pidfd_send_signal', 'number': 424}]


@pytest.mark.parametrize(('machine', 'missing'), [('i686', 'b64'), ('ppc64le', 'b32')])
def test_an_abi_that_the_machine_lacks_is_reported_where_it_was_asked_for(machine, missing):
    assert not any('arch=' + missing in line for line in lines(SEND, machine=machine))
    assert compiled([SEND], machine=machine)['left_out'] == []
    asked = compiled([dict(SEND, abis=['b64', 'b32'])], machine=machine)
    assert [(left['abi'], left['reason']) for left in asked['left_out']] == [(missing, '{0} has no {1}'.format(machine, missing))]


def test_an_abi_that_the_kernel_was_built_without_is_reported_with_the_reason():
    without = {'abis': {'b64': 'x86_64'}, 'missing_abis': {'b32': 'no 32-bit programs here'}}
    assert reasons(dict(SEND, abis=['b32']), **without) == [('b32', None, 'no 32-bit programs here')]


@pytest.mark.parametrize('name', ['open', 'unlink', 'rename'])
def test_newer_architectures_lack_old_syscalls(name):
    assert ('b64', name, 'aarch64 has no syscall ' + name) in reasons({'key': 'x', 'syscalls': [name]}, machine='aarch64')


def test_numbers_and_names_of_one_syscall_share_a_rule():
    assert lines({'key': 'x', 'syscalls': ['62', '1999'], 'abis': ['b64']}, {'key': 'y', 'syscalls': ['kill'], 'abis': ['b64']}) == [
        '-a always,exit -F arch=b64 -S kill -k x -k y',
        '-a always,exit -F arch=b64 -S 1999 -k x',
    ]


def test_all_syscalls_are_named_all_but_in_a_watch():
    assert lines({'key': 'x', 'syscalls': ['all'], 'fields': ['pid=1'], 'abis': ['b64']}) == ['-a always,exit -F arch=b64 -S all -F pid=1 -k x']
    assert lines({'key': 'x', 'path': '/etc/shadow', 'perm': 'wa', 'abis': ['b64']}) == ['-a always,exit -F arch=b64 -F path=/etc/shadow -F perm=wa -k x']


def test_two_fields_of_a_call_are_compared_by_another_option():
    assert lines({'key': 'x', 'syscalls': ['execve'], 'fields': ['uid!=euid', 'euid=0'], 'abis': ['b64']}) == [
        '-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -k x'
    ]


def test_a_path_with_spaces_is_one_word():
    assert lines({'key': 'x', 'path': '/srv/a b', 'perm': 'r', 'abis': ['b64']}) == ['-a always,exit -F arch=b64 -F path=/srv/a\\ b -F perm=r -k x']


# What a host lacks


@pytest.mark.parametrize(
    ('rule', 'kind', 'name', 'reason'),
    [
        ({'path': '/srv/none', 'perm': 'wa'}, 'paths', '/srv/none', 'there is no /srv/none'),
        ({'dir': '/srv/none', 'perm': 'wa'}, 'paths', '/srv/none', 'there is no /srv/none'),
        ({'syscalls': ['kill'], 'fields': ['exe=/srv/none']}, 'paths', '/srv/none', 'there is no /srv/none'),
        ({'syscalls': ['kill'], 'fields': ['auid=nobody_here']}, 'users', 'nobody_here', 'there is no user nobody_here'),
        ({'syscalls': ['kill'], 'fields': ['egid!=none']}, 'groups', 'none', 'there is no group none'),
    ],
)
def test_a_rule_for_what_a_host_lacks_is_left_out_or_fails(rule, kind, name, reason):
    rules = [dict(rule, key='x'), {'key': 'y', 'syscalls': ['kill'], 'abis': ['b64']}]
    assert lines(*rules, **{kind: {name: None}}) == ['-a always,exit -F arch=b64 -S kill -k y']
    assert reasons(*rules, **{kind: {name: None}}) == [(None, None, reason)]
    with pytest.raises(_profile.SpecError, match='^x: {0}. syscall_audit_missing=leave_out leaves'.format(reason)):
        lines(*rules, missing='fail', **{kind: {name: None}})
    assert reasons(dict(rules[0], optional=True), missing='fail', **{kind: {name: None}}) == [(None, None, reason)]


def test_what_a_host_has_never_fails():
    assert lines({'key': 'x', 'path': '/etc/shadow', 'perm': 'wa', 'fields': ['auid!=chrony', 'gid=4']}, missing='fail')


def test_facts_that_were_not_asked_for_are_missed_by_name():
    spec = _profile.specifications([], [{'key': 'x', 'path': '/etc/shadow', 'syscalls': ['kill']}], [])
    with pytest.raises(_profile.SpecError, match='nothing about /etc/shadow: name it in the option paths of audit_facts'):
        _compile.compile_rules(spec, hosts.facts('x86_64', '6.1.0', {'syscalls': ['kill'], 'paths': [], 'users': [], 'groups': []}))
    with pytest.raises(_profile.SpecError, match='nothing about the syscall kill: name it in the option syscalls of audit_facts'):
        _compile.compile_rules(spec, hosts.facts('x86_64', '6.1.0', {'syscalls': [], 'paths': ['/etc/shadow'], 'users': [], 'groups': []}))


def test_programs_are_watched_at_the_end_of_their_links_and_files_where_they_are():
    links = {'paths': {'/sbin/init': '/usr/lib/systemd/systemd'}}
    for rule, written in (
        ({'path': '/sbin/init', 'perm': 'x'}, '-F path=/usr/lib/systemd/systemd -F perm=x'),
        ({'path': '/sbin/init', 'perm': 'wa'}, '-F path=/sbin/init -F perm=wa'),
        ({'syscalls': ['kill'], 'fields': ['exe!=/sbin/init']}, '-S kill -F exe!=/usr/lib/systemd/systemd'),
    ):
        assert lines(dict(rule, key='x', abis=['b64']), **links) == ['-a always,exit -F arch=b64 {0} -k x'.format(written)]


def test_cgroup2_is_watched_where_it_is_mounted():
    rule = {'key': 'x', 'dir': _profile.CGROUP2, 'perm': 'w', 'abis': ['b64']}
    assert lines(rule, cgroup2={'directory': '/sys/fs/cgroup/unified', 'reason': None}) == [
        '-a always,exit -F arch=b64 -F dir=/sys/fs/cgroup/unified -F perm=w -k x'
    ]
    assert reasons(rule, kernel='2.6.32') == [(None, None, 'no cgroup2 is mounted')]


# Debian 13's auditctl refuses these on arm64: "Syscall name unknown: rename".
@pytest.mark.parametrize(
    ('machine', 'audit', 'arch'),
    [('aarch64', '4.0.2', False), ('riscv64', '4.0.3', False), ('aarch64', '4.0.5', True), ('aarch64', '3.0.9', True), ('x86_64', '4.0.2', True)],
)
def test_a_watch_leaves_its_arch_out_where_auditctl_can_not_read_it(machine, audit, arch):
    rules = lines({'key': 'x', 'path': '/etc/shadow', 'perm': 'wa', 'abis': ['b64']}, machine=machine, audit=audit)
    assert rules == ['-a always,exit {0}-F path=/etc/shadow -F perm=wa -k x'.format('-F arch=b64 ' if arch else '')]


# Own rules that overlap a profile


def test_an_own_rule_narrower_than_a_profile_has_both_keys():
    own = {'key': 'who_kills', 'syscalls': ['kill'], 'signals': ['KILL'], 'abis': ['b64']}
    assert lines(dict(SEND, abis=['b64']), own)[0] == '-a always,exit -F arch=b64 -S kill -F a1=9 -k who_kills -k signal_send'
    assert lines(own, dict(SEND, abis=['b64'])) == lines(dict(SEND, abis=['b64']), own)


def test_an_own_watch_and_a_profile_of_syscalls_have_their_overlap_in_common():
    rules = lines(
        {'key': 'file_delete', 'syscalls': ['unlinkat', 'openat'], 'fields': ['auid>=1000', 'auid!=unset'], 'abis': ['b64']},
        {'key': 'secrets', 'dir': '/srv/secrets', 'perm': 'wa', 'abis': ['b64']},
    )
    assert rules == [
        '-a always,exit -F arch=b64 -S openat -F auid>=1000 -F auid!=unset -F dir=/srv/secrets -F perm=wa -k file_delete -k secrets',
        '-a always,exit -F arch=b64 -S unlinkat -F auid>=1000 -F auid!=unset -F dir=/srv/secrets -k file_delete -k secrets',
        '-a always,exit -F arch=b64 -S unlinkat -S openat -F auid>=1000 -F auid!=unset -k file_delete',
        '-a always,exit -F arch=b64 -F dir=/srv/secrets -F perm=wa -k secrets',
    ]


def test_rules_of_one_key_in_two_profiles_become_one():
    assert lines(SEND, SEND) == lines(SEND)


def test_keys_that_are_too_long_together_are_refused():
    with pytest.raises(_profile.SpecError, match='more than 256 bytes'):
        lines(*[{'key': letter * 100, 'syscalls': ['kill']} for letter in 'abc'])
